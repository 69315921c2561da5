/** Tests of the checks of a topology's name and configuration. */

import { expect, test } from "bun:test";
import { DEFAULT_TOPOLOGY_CONFIG } from "./config_rules.ts";
import type { ConfigMap } from "./definition.ts";
import { checkTopologyConfig, nameOf } from "./topology_config_checks.ts";

function checked(config: ConfigMap, parallelism = 64): { config: ConfigMap; faults: string[] } {
  const faults: string[] = [];
  const parts = { kind: "bolt", config: {}, outputs: [], inputs: [] } as const;
  const components = [{ name: "a", parallelism: 1, ...parts }, {
    name: "b",
    parallelism,
    ...parts,
  }];
  return { config: checkTopologyConfig(config, { name: "t", components }, faults), faults };
}

function named(name: string | undefined, config: ConfigMap): { name: string; faults: string[] } {
  const faults: string[] = [];
  return { name: nameOf(name, config, faults), faults };
}

test("checkTopologyConfig() fills in defaults and the name", () => {
  const { config, faults } = checked({ "topology.stmgrs": "2", mine: "x" });
  expect(faults).toEqual([]);
  expect(config).toEqual({
    ...DEFAULT_TOPOLOGY_CONFIG,
    "topology.stmgrs": 2,
    "topology.name": "t",
    mine: "x",
  });
});

test("checkTopologyConfig() reads Storm's workers and Heron's former acking, unless today's keys are set", () => {
  const of = (given: ConfigMap) => {
    const { config, faults } = checked(given);
    return [config["topology.stmgrs"], config["topology.reliability.mode"], faults.length];
  };
  expect(of({})).toEqual([1, "ATMOST_ONCE", 0]);
  expect(of({ "topology.workers": "3", "topology.acking": "true" }))
    .toEqual([3, "ATLEAST_ONCE", 0]);
  expect(of({ "topology.acking": false })).toEqual([1, "ATMOST_ONCE", 0]);
  const today = { "topology.stmgrs": 2, "topology.reliability.mode": "ATLEAST_ONCE" };
  expect(of({ ...today, "topology.workers": 3, "topology.acking": false }))
    .toEqual([2, "ATLEAST_ONCE", 0]);
  expect(of({ "topology.workers": 0, "topology.acking": "yes" })).toEqual([1, "ATMOST_ONCE", 2]);
});

test("checkTopologyConfig() refuses maps that name unknown components", () => {
  expect(
    checked({
      "topology.component.rammap": "aa:1024,b:1",
      "topology.component.cpumap": "b:1,somebody:2",
      "topology.component.diskmap": "a:1",
    }).faults,
  ).toEqual([
    'Topology: config "topology.component.cpumap" names component "somebody", expected one of "a", "b"',
    'Topology: config "topology.component.rammap" names component "aa", did you mean "a"?',
  ]);
});

test("checkTopologyConfig() wants a power of two of key groups, enough for all tasks", () => {
  expect(checked({ "topology.key.groups": 64 }).faults).toEqual([]);
  expect(checked({ "topology.key.groups": 1 }, 1).faults).toEqual([]);
  for (const keyGroups of [32, 96]) {
    expect(checked({ "topology.key.groups": keyGroups }).faults).toEqual([
      `Topology: config "topology.key.groups" is "${keyGroups}", expected a power of two not below the largest parallelism (64)`,
    ]);
  }
});

test("nameOf() takes the builder's name or the configured one", () => {
  expect(named("n", {})).toEqual({ name: "n", faults: [] });
  expect(named(undefined, { "topology.name": "n" })).toEqual({ name: "n", faults: [] });
  expect(named("n", { "topology.name": "n" })).toEqual({ name: "n", faults: [] });
});

test("nameOf() refuses no name, a bad one and two different ones", () => {
  expect(named(undefined, {}).faults).toEqual([
    "Topology: has no name, expected one as argument of TopologyBuilder",
  ]);
  expect(named("", {}).faults).toEqual(["Topology: its name is empty"]);
  expect(named("a.b", {}).faults).toEqual(['Topology: its name "a.b" contains "."']);
  expect(named("m", { "topology.name": "n" }).faults).toEqual([
    'Topology: config "topology.name" is "n", expected the builder\'s "m"',
  ]);
});
