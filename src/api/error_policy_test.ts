import { expect, test } from "bun:test";
import { errorPolicyConfig, errorPolicyOf } from "./error_policy.ts";
import type { BoltDeclarer } from "./declarers.ts";
import { TopologyBuilder } from "./topology_builder.ts";

function builderWith(configure: (bolt: BoltDeclarer) => unknown): TopologyBuilder {
  const builder = new TopologyBuilder("policy");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  });
  configure(builder.setBolt("sink", { execute() {} }).shuffleGrouping("source"));
  return builder;
}

test("setErrorPolicy() is kept in the component's configuration, with defaults where it is silent", () => {
  expect(errorPolicyOf({})).toEqual({ retries: 0, backoffMs: 100, then: "crash" });
  const policy = { retries: 2, backoffMs: 5, then: "skip" } as const;
  expect(errorPolicyOf(errorPolicyConfig(policy))).toEqual(policy);
  expect(errorPolicyConfig({})).toEqual({});
  const { definition } = builderWith((bolt) => bolt.setErrorPolicy(policy)).createTopology();
  expect(definition.components[1]?.config).toEqual({
    "topology.component.error.retries": 2,
    "topology.component.error.backoff.ms": 5,
    "topology.component.error.then": "skip",
  });
  expect(definition.components[1]?.outputs).toEqual([]);
});

test("A bolt with dead letters has a stream for them", () => {
  const builder = builderWith((bolt) => bolt.setErrorPolicy({ then: "dead_letter" }));
  builder.setBolt("letters", { execute() {} }).fieldsGrouping("sink", "__dead_letter", ["error"]);
  const { definition } = builder.createTopology();
  expect(definition.components[1]?.outputs).toEqual([{
    id: "__dead_letter",
    fields: ["component", "task", "stream", "values", "error", "attempts"],
    direct: false,
  }]);
});

test("Without the policy there is no stream of dead letters to subscribe to", () => {
  const builder = builderWith(() => {});
  builder.setBolt("letters", { execute() {} }).allGrouping("sink", "__dead_letter");
  expect(() => builder.createTopology()).toThrow("__dead_letter");
});

test("Policies and concurrencies that are none are faults of the topology", () => {
  const builder = builderWith((bolt) =>
    bolt.setErrorPolicy({ retries: -1, backoffMs: 0.5 }).setMaxConcurrency(0)
      .addConfiguration("topology.component.error.then", "retry")
  );
  builder.setSpout("other", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  }).addConfiguration("topology.component.error.then", "skip");
  let message = "";
  try {
    builder.createTopology({ "topology.component.error.then": "dead_letter" });
  } catch (error) {
    message = String(error);
  }
  for (
    const fault of [
      'Bolt "sink": config "topology.component.error.retries" is "-1", expected a whole number of at least 0',
      'Bolt "sink": config "topology.component.error.backoff.ms" is "0.5"',
      'Bolt "sink": config "topology.component.error.then" is "retry", expected crash or skip or dead_letter',
      'Bolt "sink": config "topology.component.max.concurrency" is "0"',
      'Spout "other": config "topology.component.error.then" is "skip", expected "crash"',
      'Topology: config "topology.component.error.then" is "dead_letter", expected this of single bolts',
    ]
  ) expect(message).toContain(fault);
});
