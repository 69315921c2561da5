/** Tests of the search for the name that was meant. */

import { expect, test } from "bun:test";
import { nearestName } from "./nearest_name.ts";

test("nearestName() finds the nearest of several", () => {
  expect(nearestName("splt", ["count", "split", "splits"])).toBe("split");
  expect(nearestName("COUNT", ["count", "split"])).toBe("count");
  expect(nearestName("sentences", ["sentence", "words"])).toBe("sentence");
  expect(nearestName("b", ["a", "bb"])).toBe("a");
  expect(nearestName("wrods", ["words", "count"])).toBe("words");
  expect(nearestName("plist", ["split", "list"])).toBe("list");
});

test("nearestName() finds nothing when nothing is near", () => {
  expect(nearestName("xyz", ["count", "split"])).toBeUndefined();
  expect(nearestName("ab", ["cd"])).toBeUndefined();
  expect(nearestName("", ["split"])).toBeUndefined();
  expect(nearestName("split", [])).toBeUndefined();
});
