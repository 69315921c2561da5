import { expect, test } from "bun:test";
import { drawTopology } from "../../tests/support/definitions.ts";
import { HeronError } from "../base/mod.ts";
import { defaultKeyGroups, keyGroupsFor, keyGroupsOf } from "./key_group_count.ts";

test("keyGroupsFor() is the power of two of 32 × the parallelism, at least 1024", () => {
  const table = [[1, 1024], [32, 1024], [33, 2048], [64, 2048], [65, 4096], [100_000, 2 ** 22]];
  for (const [parallelism = 0, groups] of table) {
    expect(keyGroupsFor(parallelism)).toBe(groups ?? 0);
  }
});

test("keyGroupsOf() takes what is recorded before the default", () => {
  const parallelism = { s: 1, b: 40 };
  expect(keyGroupsOf(drawTopology("s b", { parallelism }))).toBe(2048);
  for (const recorded of [64, "64"]) {
    const config = { "topology.key.groups": recorded };
    expect(keyGroupsOf(drawTopology("s b", { parallelism, config }))).toBe(64);
    expect(defaultKeyGroups(drawTopology("s b", { parallelism, config }))).toBe(2048);
  }
});

test("keyGroupsOf() refuses less than the parallelism and what is no power of two", () => {
  for (const recorded of [32, 96, 0, -1, "", "x", true]) {
    const config = { "topology.key.groups": recorded };
    const definition = drawTopology("s b", { parallelism: { b: 40 }, config });
    expect(() => keyGroupsOf(definition)).toThrow(HeronError);
    expect(() => keyGroupsOf(definition)).toThrow(`found "${recorded}", expected a power of two`);
  }
});
