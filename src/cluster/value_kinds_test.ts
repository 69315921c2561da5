/** Tests of the kinds of value. */

import { expect, test } from "bun:test";
import { integer } from "../base/config/mod.ts";
import {
  durationKind,
  FOLDER,
  type Kind,
  listKind,
  settingKind,
  sizeKind,
  SUBFOLDER,
  textKind,
} from "./value_kinds.ts";

/** What a kind makes of each value; "no" where it refuses it. */
function readAll<T>(kind: Kind<T>, raws: readonly unknown[]): unknown[] {
  return raws.map((raw) => {
    const reading = kind.read(raw);
    return "value" in reading ? reading.value : "no";
  });
}

const WORD = textKind("word", "a word", (text) => /^[^\s-]\S*$/.test(text));

test("textKind() takes texts of one line that are good", () => {
  expect(readAll(WORD, ["main", "a,b", "n[1-3]"])).not.toContain("no");
  const bad = ["", "a b", "-p", "a\nb", 7, true, null, [], {}, "x".repeat(1001), "\ud800"];
  expect(new Set(readAll(WORD, bad))).toEqual(new Set(["no"]));
});

test("FOLDER takes whole paths, without what says nothing in them", () => {
  expect(readAll(FOLDER, ["/a", "/a//b/./c/", "/a/b/../c"])).toEqual(["/a", "/a/b/c", "/a/c"]);
  for (const bad of ["a", "./a", "~/a", "", "/", "//", "/..", "/a/$B", "$A", "/a\n", 1, null]) {
    expect(readAll(FOLDER, [bad])).toEqual(["no"]);
  }
});

test("SUBFOLDER takes whole paths and those below another folder", () => {
  expect(readAll(SUBFOLDER, ["/a", "a/b/", "./a"])).toEqual(["/a", "a/b", "a"]);
  for (const bad of ["..", "a/../b", "", ".", "/", "a$B", 1]) {
    expect(readAll(SUBFOLDER, [bad])).toEqual(["no"]);
  }
});

test("durationKind() takes durations with a unit within its bounds, and tells the bounds", () => {
  const kind = durationKind({ minMs: 30_000, maxMs: 3_600_000 });
  expect(readAll(kind, ["30s", "1m", "1h", "29s", "2h", "30", 30, null]))
    .toEqual([30_000, 60_000, 3_600_000, "no", "no", "no", "no", "no"]);
  expect(kind.read(30)).toEqual({
    expected: "a duration with its unit (ms, s, m, h) from 30s to 1h",
  });
  expect(kind.show(90_000)).toBe("90s");
});

test("sizeKind() takes sizes with a unit within its bounds, and shows them so", () => {
  const kind = sizeKind({ min: 1024, max: 1024 ** 3 });
  expect(readAll(kind, ["1KiB", "1.5MiB", "1GiB", "2000B", "1000B", "2GiB", "1MB", 4096]))
    .toEqual([1024, 1_572_864, 1024 ** 3, 2000, "no", "no", "no", "no"]);
  expect([1024, 1_572_864, 2000, 0].map((bytes) => kind.show(bytes)))
    .toEqual(["1KiB", "1536KiB", "2000B", "0B"]);
});

test("settingKind() reads as the config of the system does, and no lists", () => {
  const kind = settingKind("whole number", integer(5, { min: 1, max: 9 }));
  expect(readAll(kind, [1, "9", 10, "x", null, [1], { a: 1 }]))
    .toEqual([1, 9, "no", "no", "no", "no", "no"]);
  expect(kind.read([1])).toEqual({ expected: "a whole number from 1 to 9" });
});

test("listKind() reads a list, one item alone, and a divided text", () => {
  const divided = listKind(WORD, { divider: /,/, isGathered: false });
  expect(readAll(divided, [["a", "b"], "a,b", "a", [], ["a", "b c"], [1], { a: 1 }]))
    .toEqual([["a", "b"], ["a", "b"], ["a"], [], "no", "no", "no"]);
  const whole = listKind(WORD, { isGathered: true });
  expect(readAll(whole, ["a,b", ["a,b"]])).toEqual([["a,b"], ["a,b"]]);
  expect(whole.show(["a", "b"])).toBe("a b");
});
