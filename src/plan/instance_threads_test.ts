import { expect, test } from "bun:test";
import { instanceThreads } from "./instance_threads.ts";

const KEY = "instance.threads";

function component(config = {}) {
  return { name: "count", config };
}

test("instanceThreads() is the component's own, else the topology's, else 2", () => {
  expect(instanceThreads({ config: {} }, component())).toBe(2);
  expect(instanceThreads({ config: { [KEY]: 1 } }, component())).toBe(1);
  expect(instanceThreads({ config: { [KEY]: "1" } }, component({ [KEY]: 2 }))).toBe(2);
  expect(instanceThreads({ config: {} }, component({ [KEY]: "1" }))).toBe(1);
});

test("instanceThreads() names the component whose setting is wrong", () => {
  expect(() => instanceThreads({ config: {} }, component({ [KEY]: 4 }))).toThrow(
    'Set up component "count": Read the config: "instance.threads": found 4, expected "2" or "1"',
  );
});
