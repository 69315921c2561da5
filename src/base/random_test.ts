import { expect, test } from "bun:test";
import { seededRandom, systemRandom } from "./random.ts";

function drawn(random: { uint32(): number }, count = 1_000): number[] {
  return Array.from({ length: count }, () => random.uint32());
}

test("seededRandom repeats itself, and differs from that of another seed", () => {
  expect(drawn(seededRandom(7))).toEqual(drawn(seededRandom(7)));
  expect(drawn(seededRandom(7))).not.toEqual(drawn(seededRandom(8)));
});

test("systemRandom never repeats itself", () => {
  const all = [systemRandom(), systemRandom(), systemRandom()].flatMap((one) => drawn(one));
  // Three thousand of 2^32 seldom have one pair in common, and never ten.
  expect(new Set(all).size).toBeGreaterThan(all.length - 10);
});

test("unit and below spread evenly over their range", () => {
  const random = systemRandom();
  const counts = new Array<number>(8).fill(0);
  for (let index = 0; index < 8_000; index++) {
    const unit = random.unit();
    expect(unit >= 0 && unit < 1).toBe(true);
    const place = random.below(8);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  // A fair one leaves 1000 ± 200 once in ten billion times.
  expect(Math.min(...counts)).toBeGreaterThan(800);
  expect(Math.max(...counts)).toBeLessThan(1_200);
});
