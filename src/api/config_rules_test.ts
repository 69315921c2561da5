/** Tests of the rules of configuration values. */

import { expect, test } from "bun:test";
import { checkConfig, DEFAULT_TOPOLOGY_CONFIG, parseComponentMap } from "./config_rules.ts";
import type { ConfigMap } from "./definition.ts";

function check(config: Record<string, unknown>): { config: ConfigMap; faults: string[] } {
  const faults: string[] = [];
  // Wrong types are the point here.
  return { config: checkConfig(config as ConfigMap, "Owner", faults), faults };
}

test("checkConfig() brings Heron's strings to their types", () => {
  const { config, faults } = check({
    "topology.stmgrs": "3",
    "topology.debug": "true",
    "topology.container.cpu": "1.5",
    "my.number": "3",
  });
  expect(faults).toEqual([]);
  expect(config).toEqual({
    "topology.stmgrs": 3,
    "topology.debug": true,
    "topology.container.cpu": 1.5,
    "my.number": "3",
  });
});

test("checkConfig() lists every bad value with what was expected", () => {
  const { faults } = check({
    "topology.stmgrs": 0,
    "topology.message.timeout.secs": 1.5,
    "topology.tick.tuple.freq.ms": -1,
    "topology.debug": "yes",
    "topology.reliability.mode": "ONCE",
    "topology.component.rammap": "a=5",
    "topology.max.spout.pending": "",
    mine: [1],
    nothing: null,
    endless: Infinity,
    broken: "\ud800",
    "": 1,
  });
  expect(faults).toEqual([
    'Owner: config "topology.stmgrs" is "0", expected a whole number from 1 to 10000',
    'Owner: config "topology.message.timeout.secs" is "1.5", expected a whole number from 1 to 86400',
    'Owner: config "topology.tick.tuple.freq.ms" is "-1", expected a whole number from 0 to 86400000',
    'Owner: config "topology.debug" is "yes", expected true or false',
    'Owner: config "topology.reliability.mode" is "ONCE", expected "ATMOST_ONCE" or "ATLEAST_ONCE"',
    'Owner: config "topology.component.rammap" is "a=5", expected "component:number" pairs joined by ",", with numbers above 0',
    'Owner: config "topology.max.spout.pending" is "", expected a whole number from 1 to 16777216',
    'Owner: config "mine" is of type object, expected a string, number or boolean',
    'Owner: config "nothing" is null, expected a string, number or boolean',
    'Owner: config "endless" is "Infinity", expected a finite number',
    'Owner: config "broken" is "\ud800", expected well-formed text',
    'Owner: config "" is without a name, expected a key',
  ]);
});

test("checkConfig() gives Storm's tick frequency in milliseconds too", () => {
  const secs = "topology.tick.tuple.freq.secs";
  const ms = "topology.tick.tuple.freq.ms";
  expect(check({ [secs]: "0.5" }).config).toEqual({ [secs]: 0.5, [ms]: 500 });
  expect(check({ [secs]: 2, [ms]: 30 }).config).toEqual({ [secs]: 2, [ms]: 30 });
  expect(check({ [secs]: 0 }).config).toEqual({ [secs]: 0, [ms]: 0 });
  expect(check({ [secs]: 0.0001 }).config).toEqual({ [secs]: 0.0001, [ms]: 1 });
  expect(check({ [secs]: -1 }).faults).toEqual([
    `Owner: config "${secs}" is "-1", expected a number of at least 0`,
  ]);
  expect(check({ [secs]: 100_000 }).faults).toEqual([
    `Owner: config "${ms}" is "100000000", expected a whole number from 0 to 86400000`,
  ]);
});

test("checkConfig() keeps a key named like a property of objects", () => {
  const { config, faults } = check(JSON.parse('{"__proto__": 1, "constructor": 2}'));
  expect(faults).toEqual([]);
  expect(JSON.stringify(config)).toBe('{"__proto__":1,"constructor":2}');
});

test("checkConfig() refuses what the system would refuse when the topology starts", () => {
  for (
    const [key, value] of [
      ["topology.message.timeout.secs", 86_401],
      ["topology.tick.tuple.freq.ms", 86_400_001],
      ["topology.max.spout.pending", 2 ** 24 + 1],
      ["topology.reliability.mode", "EFFECTIVELY_ONCE"],
      ["topology.workers", 10_001],
    ] as const
  ) expect([key, check({ [key]: value }).faults.length]).toEqual([key, 1]);
});

test("The defaults obey the rules", () => {
  const { config, faults } = check(DEFAULT_TOPOLOGY_CONFIG);
  expect(faults).toEqual([]);
  expect(config).toEqual(DEFAULT_TOPOLOGY_CONFIG);
});

test("parseComponentMap() reads Heron's maps, the later entry winning", () => {
  expect(parseComponentMap("a:1, b:0.5,a:3,")).toEqual(new Map([["a", 3], ["b", 0.5]]));
  expect(parseComponentMap("")).toEqual(new Map());
  for (const text of ["a", "a:", ":1", "a:x", "a:0", "a:-1", "a:1:2", "a:Infinity"]) {
    expect(parseComponentMap(text)).toBeUndefined();
  }
});
