import { expect, test } from "bun:test";
import { alreadyExists, checkSize, checkVersion } from "./record_faults.ts";
import { RECORD_BYTES_MAX } from "./state_manager.ts";

test("alreadyExists() names what is in the way", () => {
  expect(alreadyExists("a/b/c", "a/b").message).toBe(
    'Create "a/b/c": found "a/b", expected none',
  );
  expect(alreadyExists("a/b").message).toBe('Create "a/b": found "a/b", expected none');
});

test("checkVersion() lets the same version and any pass", () => {
  checkVersion("a/b", "1", "1");
  checkVersion("a/b", "1", "any");
  expect(() => checkVersion("a/b", "1", "2")).toThrow(
    'Changing "a/b": found version "1", expected "2"',
  );
});

test("checkSize() refuses what is over the limit", () => {
  checkSize("a/b", RECORD_BYTES_MAX);
  expect(() => checkSize("a/b", RECORD_BYTES_MAX + 1)).toThrow('expected at most "16777216"');
});
