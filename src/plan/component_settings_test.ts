import { expect, test } from "bun:test";
import { systemConfigFrom } from "../base/config/mod.ts";
import { componentSettings } from "./component_settings.ts";

function component(config = {}) {
  return { name: "count", config };
}

test("componentSettings() are the component's own, else the topology's, else the defaults", () => {
  const none = systemConfigFrom({});
  expect(componentSettings(none, component())).toBe(none);
  const topology = systemConfigFrom({ "instance.threads": 1, "topology.max.spout.pending": 10 });
  expect(componentSettings(topology, component({ "instance.threads": "2" }))).toEqual({
    ...topology,
    instanceThreads: 2,
  });
  expect(componentSettings(topology, component({ "topology.max.spout.pending": 5 }))).toEqual({
    ...topology,
    topologyMaxSpoutPending: 5,
  });
});

test("componentSettings() leave to the topology what is its alone", () => {
  const topology = systemConfigFrom({});
  const own = { "topology.reliability.mode": "ATLEAST_ONCE", "instance.threads": 1 };
  const { topologyReliabilityMode } = componentSettings(topology, component(own));
  expect(topologyReliabilityMode).toBe("ATMOST_ONCE");
});

test("componentSettings() name the component whose setting is wrong", () => {
  const topology = systemConfigFrom({});
  expect(() => componentSettings(topology, component({ "instance.threads": 4 }))).toThrow(
    'Set up component "count": Read the config: "instance.threads": found 4, expected "2" or "1"',
  );
});
