import { expect, test } from "bun:test";
import { decodeSweep, encodeSweep } from "./sweep.ts";

const SWEEP = {
  marks: ["--job", "/a b/job", "--container", "1"],
  told: [{ pid: 17, startTime: 2n ** 60n + 1n }, { pid: 18, startTime: 0n }],
};

test("a sweep comes out as it went in, on one line", () => {
  expect(decodeSweep(encodeSweep(SWEEP))).toEqual(SWEEP);
  expect(encodeSweep({ marks: ["a\nb"], told: [] })).not.toContain("\n");
});

test("decodeSweep() takes nothing that could kill anything else", () => {
  const text = encodeSweep(SWEEP);
  for (let cut = 0; cut < text.length; cut++) {
    expect(() => decodeSweep(text.slice(0, cut))).toThrow("Read what is to be killed: found ");
  }
  const bad = [
    "null",
    "{}",
    '{"marks":[],"told":[]}',
    '{"marks":[""],"told":[]}',
    '{"marks":["a"],"told":[[1,"2"]]}',
    '{"marks":["a"],"told":[[-17,"2"]]}',
    '{"marks":["a"],"told":[[17,2]]}',
    '{"marks":["a"],"told":[17]}',
  ];
  for (const one of bad) expect(() => decodeSweep(one)).toThrow("expected marks and processes");
});
