/** Tests of the tunables by Heron's names. */

import { expect, test } from "bun:test";
import { SETTINGS } from "../base/config/mod.ts";
import {
  HERON_TUNABLES,
  heronValue,
  INTERNAL_KEYS,
  isOfTopology,
  whyWithoutEffect,
} from "./internal_keys.ts";

test("HERON_TUNABLES are keys that a cluster may set, each by one name, in whole units", () => {
  const keys = Object.values(HERON_TUNABLES).map(({ key }) => key);
  expect(new Set(keys).size).toBe(keys.length);
  for (const key of keys) expect(INTERNAL_KEYS).toContain(key);
  for (const { key, factor } of Object.values(HERON_TUNABLES)) {
    const { byDefault } = SETTINGS[key];
    expect([key, typeof byDefault, Number.isInteger(factor)]).toEqual([key, "number", true]);
  }
});

test("INTERNAL_KEYS leaves out what a topology says for itself", () => {
  expect(INTERNAL_KEYS).not.toContain("topology.name");
  expect(INTERNAL_KEYS).toContain("topology.drain.ms");
  expect([isOfTopology("topology.debug"), isOfTopology("net.ping.ms")]).toEqual([true, false]);
});

test("heronValue() turns Heron's unit into ours", () => {
  const seconds = { key: "metrics.export.interval.ms", factor: 1000 } as const;
  expect([60, "60", 0.5].map((raw) => heronValue(raw, seconds))).toEqual([60_000, 60_000, 500]);
  expect(["60s", true, null, [1]].map((raw) => heronValue(raw, seconds)))
    .toEqual([undefined, undefined, undefined, undefined]);
});

test("whyWithoutEffect() knows names, beginnings and sections of Heron's other tunables", () => {
  for (
    const name of [
      "heron.logging.directory",
      "heron.logging",
      "heron.streammgr.cache.drain.frequency.ms",
      "heron.instance.tuning.interval.ms",
      "heron.instance.tuning",
    ]
  ) expect(whyWithoutEffect(name)).toBeString();
  for (const name of Object.keys(HERON_TUNABLES)) expect(whyWithoutEffect(name)).toBeUndefined();
  expect(whyWithoutEffect("heron.streammgr.cache.drain.frequency.m")).toBeUndefined();
  expect(whyWithoutEffect("heron.made.up")).toBeUndefined();
});
