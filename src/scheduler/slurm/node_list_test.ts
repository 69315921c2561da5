import { expect, test } from "bun:test";
import { parseNodeList, parseRepeated } from "./node_list.ts";

test("parseNodeList() expands ranges, with their zeros, in order", () => {
  expect(parseNodeList("n1")).toEqual(["n1"]);
  expect(parseNodeList("n[1-3,7],login,m[08-10]x"))
    .toEqual(["n1", "n2", "n3", "n7", "login", "m08x", "m09x", "m10x"]);
  expect(parseNodeList("r[1-2]n[1-2]")).toEqual(["r1n1", "r1n2", "r2n1", "r2n2"]);
  expect(parseNodeList("")).toEqual([]);
  expect(parseNodeList("(null)")).toEqual([]);
});

test("parseRepeated() expands repetitions", () => {
  expect(parseRepeated("4(x3),2,1(x1)")).toEqual([4, 4, 4, 2, 1]);
  expect(parseRepeated("")).toEqual([]);
});

test("what is damaged is said, and takes no memory", () => {
  const bad = [
    "n[",
    "n]",
    "n[1",
    "n[2-1]",
    "n[a]",
    "n[1-]",
    "n[1-999999999999]",
    ",",
    "n1,",
    "n[]",
  ];
  for (const list of [...bad, "n[1-1000][1-1000]"]) {
    expect(() => parseNodeList(list)).toThrow("Read a list of Slurm's: found ");
  }
  for (const list of ["x", "4(x)", "4(3)", "4,,2", "4(x999999)"]) {
    expect(() => parseRepeated(list)).toThrow("Read a list of Slurm's: found ");
  }
});
