import { expect, test } from "bun:test";
import { checkFolderPath, checkRecordPath } from "./record_path.ts";

test("checkRecordPath() takes names of users as they are", () => {
  for (const path of ["topologies/word-count", "heron-bin/t/epochs/1", "a/b c.d", "a/größe"]) {
    expect(() => checkRecordPath(path)).not.toThrow();
  }
});

test("checkRecordPath() refuses what would leave the tree or hide in it", () => {
  const bad = [
    "",
    "/",
    "a",
    "/a/b",
    "a/b/",
    "a//b",
    "../b",
    "a/../b",
    "a/.",
    "a/.tmp",
    "a/b\0",
    "a\\b/c",
  ];
  bad.push(
    "a/b\n",
    "a/\ud800",
    `a/${"x".repeat(256)}`,
    `a/${"ü".repeat(128)}`,
    "ab/".repeat(400) + "c",
  );
  for (const path of bad) expect(() => checkRecordPath(path)).toThrow(RangeError);
});

test("checkFolderPath() takes a single part", () => {
  expect(() => checkFolderPath("topologies")).not.toThrow();
  expect(() => checkFolderPath("")).toThrow('Using state path "": found an empty part');
});
