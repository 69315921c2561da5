import { expect, test } from "bun:test";
import { shown } from "./own_frames.ts";

function failure(): Error {
  const cause = new RangeError("inner");
  cause.stack =
    "RangeError: inner\n    at user (/home/me/topology.ts:1:2)\n    at x (/kit/testing.js:5:9)";
  const error = new Error("outer", { cause });
  error.stack =
    "Error: outer\n    at y (/kit/testing.js:5:10)\n    at /home/me/topology_test.ts:3:4";
  return error;
}

test("shown() takes the kit's calls out of the stacks of an error and its cause", async () => {
  const error = failure();
  expect(await shown(Promise.reject(error), "/kit").catch((thrown: unknown) => thrown)).toBe(error);
  expect(error.stack).toBe("Error: outer\n    at /home/me/topology_test.ts:3:4");
  expect(error.cause).toMatchObject({
    stack: "RangeError: inner\n    at user (/home/me/topology.ts:1:2)",
  });
});

test("shown() leaves all as it is in the repository, and gives what was waited for", async () => {
  const error = failure();
  const { stack } = error;
  await expect(shown(Promise.reject(error))).rejects.toBe(error);
  expect(error.stack).toBe(stack);
  expect(await shown(Promise.resolve(7), "/kit")).toBe(7);
});
