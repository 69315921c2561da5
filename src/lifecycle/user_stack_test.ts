/** Tests of the user's part of a stack. */

import { expect, test } from "bun:test";
import { userFrames } from "./user_stack.ts";

const stack = `Error: boom
    at parse (/run/topology/node_modules/csv/index.js:3:1)
    at execute (/run/topology/topology.ts:8:29)
    at <anonymous> (/run/topology/lib/words.ts:2:5)
    at /run/topology/topology.ts:1:1
    at async runTask (/$bunfs/root/heron-bin:40:12)
    at processTicksAndRejections (native:7:39)`;

test("userFrames() keeps the topology's own files, relative to it", () => {
  expect(userFrames(stack, "/run/topology")).toEqual([
    "at execute (topology.ts:8:29)",
    "at lib/words.ts:2:5",
    "at topology.ts:1:1",
  ]);
});

test("userFrames() falls back to a dependency's frames", () => {
  const only = stack.split("\n").filter((line) => !/topology\.ts|words/.test(line)).join("\n");
  expect(userFrames(only, "/run/topology/")).toEqual(["at parse (node_modules/csv/index.js:3:1)"]);
});

test("userFrames() is empty for a stack without any", () => {
  expect(userFrames("Error: x", "/run")).toEqual([]);
  expect(userFrames("", "/run")).toEqual([]);
});
