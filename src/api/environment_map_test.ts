import { expect, test } from "bun:test";
import { Config } from "./config.ts";
import { environmentOf } from "./environment_map.ts";
import { TopologyBuilder } from "./topology_builder.ts";

function build(config: Config) {
  const builder = new TopologyBuilder("environment");
  builder.setSpout("source", { nextTuple() {} });
  return builder.createTopology(config).definition;
}

test("Config.setEnvironment() keeps variables in the topology's configuration", () => {
  const { config } = build(new Config().setEnvironment({ GREETING: "hello", EMPTY: "" }));
  expect(environmentOf(config)).toEqual({ GREETING: "hello", EMPTY: "" });
  expect(environmentOf({})).toEqual({});
});

test.each(["PATH", "BUN_OPTIONS", "BUN_JSC_useJIT", "NODE_OPTIONS", "LD_PRELOAD"])(
  "Config.setEnvironment() refuses %p by name",
  (name) => {
    const config = new Config().setEnvironment({ [name]: "x" });
    expect(() => build(config)).toThrow(`is setting "${name}", expected none of PATH`);
  },
);

test("Config.setEnvironment() refuses what is no variable", () => {
  expect(() => build(new Config().setEnvironment({ "A B": "x" }))).toThrow('is setting "A B"');
  expect(() => build(new Config().setEnvironment({ A: "\0" }))).toThrow("with a 0 byte");
  for (const text of ["{", "[]", "null", '{"A":1}']) {
    expect(() => build(new Config().put(Config.TOPOLOGY_ENVIRONMENT, text)))
      .toThrow("expected a JSON object of strings");
  }
});

test("Config refuses task hooks by class name, and says what to call", () => {
  const config = new Config().put(Config.TOPOLOGY_AUTO_TASK_HOOKS, "my.Hook");
  expect(() => build(config)).toThrow("expected hooks by TopologyBuilder.addTaskHook");
});
