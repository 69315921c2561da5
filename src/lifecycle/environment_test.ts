/** Tests of the listed environment. */

import { expect, test } from "bun:test";
import { baseEnvironment, userEnvironment } from "./environment.ts";

const source = {
  PATH: "/bin",
  HOME: "/home/u",
  SECRET: "s",
  BUN_OPTIONS: "--preload ./x.ts",
  NODE_OPTIONS: "-r x",
  LANG: undefined,
};

test("baseEnvironment() passes listed variables only", () => {
  expect(baseEnvironment(source)).toEqual({ PATH: "/bin", HOME: "/home/u" });
});

test("userEnvironment() adds named variables, by present or given value", () => {
  expect(userEnvironment(source, ["SECRET", "A=b=c", "EMPTY="])).toEqual({
    PATH: "/bin",
    HOME: "/home/u",
    SECRET: "s",
    A: "b=c",
    EMPTY: "",
  });
});

test.each(["BUN_OPTIONS", "BUN_BE_BUN=1", "NODE_OPTIONS=-r x", "LD_PRELOAD=x", "NODE_PATH=/x"])(
  "userEnvironment() refuses %p, which can load code",
  (item) => expect(() => userEnvironment(source, [item])).toThrow("never passed on"),
);

test("userEnvironment() refuses names that are unset or malformed", () => {
  expect(() => userEnvironment(source, ["NOPE"])).toThrow('"NOPE" is not set here');
  expect(() => userEnvironment(source, ["A B=1"])).toThrow('found "A B=1"');
  expect(() => userEnvironment(source, ["=1"])).toThrow('found "=1"');
});
