/** Tests of the shifted world, each in a process of its own. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { SECOND_CLOCK_MS, type WorldShift } from "./shifted_world.ts";

const module = JSON.stringify(join(import.meta.dir, "shifted_world.ts"));

async function evaluate(shift: WorldShift, expression: string): Promise<unknown> {
  const code = `import { shiftWorld } from ${module};
shiftWorld(${JSON.stringify(shift)});
console.log(JSON.stringify(${expression}));`;
  const child = Bun.spawn([process.execPath, "-e", code], { stderr: "inherit" });
  return JSON.parse(await new Response(child.stdout).text());
}

const second: WorldShift = { clockMs: SECOND_CLOCK_MS, seed: 5, mirrored: true };

test("shiftWorld() moves every clock by the same", async () => {
  const clocks = await evaluate(
    second,
    `[Date.now(), new Date().getTime(), Date.parse(Date()), performance.now(), process.hrtime()[0] * 1000, Number(process.hrtime.bigint()) / 1e6, Bun.nanoseconds() / 1e6]`,
  );
  const now = Date.now();
  if (!Array.isArray(clocks)) throw new Error("expected an array");
  const [wall, ...others] = clocks.map(Number);
  expect(Math.abs((wall ?? 0) - now - SECOND_CLOCK_MS)).toBeLessThan(10_000);
  for (const other of others.slice(0, 2)) {
    expect(Math.abs(other - (wall ?? 0))).toBeLessThan(5000);
  }
  for (const other of others.slice(2)) expect(other).toBeGreaterThan(SECOND_CLOCK_MS - 1000);
});

test("shiftWorld() leaves given times alone", async () => {
  const found = await evaluate(
    second,
    `[new Date(0).toISOString(), new Date(2020, 1, 2).getMonth(), Date.UTC(1970, 0, 1), new Date() instanceof Date, new Date().constructor === Date, process.hrtime(process.hrtime())[0]]`,
  );
  expect(found).toEqual(["1970-01-01T00:00:00.000Z", 1, 0, true, true, 0]);
});

test("shiftWorld() repeats chance by seed, and mirrors it", async () => {
  const draw =
    `[Math.random(), Math.random(), [...crypto.getRandomValues(new Uint8Array(4))], crypto.randomUUID()]`;
  const first: WorldShift = { clockMs: 0, seed: 5, mirrored: false };
  const [one, again, other] = await Promise.all([
    evaluate(first, draw),
    evaluate(first, draw),
    evaluate(second, draw),
  ]);
  expect(again).toEqual(one);
  if (!Array.isArray(one) || !Array.isArray(other)) throw new Error("expected arrays");
  for (const at of [0, 1]) expect(Math.abs(one[at] - other[at])).toBeCloseTo(0.5, 9);
  expect(other[2]).toEqual(one[2].map((byte: number) => byte ^ 0xff));
  expect(other[3]).not.toBe(one[3]);
});
