/** Tests of the calls that describe a component. */

import { expect, test } from "bun:test";
import { Config } from "./config.ts";
import type { CustomStreamGrouping } from "./custom_grouping.ts";
import { type ComponentDraft, DraftDeclarer } from "./declarers.ts";
import { Fields } from "./fields.ts";

function described(describe: (declarer: DraftDeclarer) => void): ComponentDraft {
  const bolt = { execute() {} };
  const draft: ComponentDraft = {
    id: "b",
    kind: "bolt",
    component: bolt,
    code: bolt,
    parallelism: 1,
    config: new Config(),
    inputs: [],
    customs: [],
  };
  describe(new DraftDeclarer(draft));
  return draft;
}

test("DraftDeclarer records every grouping, on the default stream or a named one", () => {
  const { inputs } = described((declarer) =>
    declarer.shuffleGrouping("a").shuffleGrouping("a", "s").noneGrouping("a", "s")
      .fieldsGrouping("a", ["x"]).fieldsGrouping("a", "s", new Fields("x", "y"))
      .globalGrouping("a").allGrouping("a", "s").directGrouping("a")
  );
  expect(inputs).toEqual([
    { component: "a", stream: "default", grouping: { type: "shuffle" } },
    { component: "a", stream: "s", grouping: { type: "shuffle" } },
    { component: "a", stream: "s", grouping: { type: "none" } },
    { component: "a", stream: "default", grouping: { type: "fields", fields: ["x"] } },
    { component: "a", stream: "s", grouping: { type: "fields", fields: ["x", "y"] } },
    { component: "a", stream: "default", grouping: { type: "global" } },
    { component: "a", stream: "s", grouping: { type: "all" } },
    { component: "a", stream: "default", grouping: { type: "direct" } },
  ]);
});

test("DraftDeclarer records the groupings that Storm adds, and keeps the user's objects apart", () => {
  const custom: CustomStreamGrouping = { prepare() {}, chooseTasks: () => [] };
  const { inputs, customs } = described((declarer) =>
    declarer.localOrShuffleGrouping("a").localOrShuffleGrouping("a", "s")
      .partialKeyGrouping("a", ["x"]).partialKeyGrouping("a", "s", new Fields("x"))
      .customGrouping("a", custom).customGrouping("a", "s", custom)
      .grouping("b", "s", custom).grouping("b", "s", { type: "fields", fields: ["x"] })
  );
  expect(inputs).toEqual([
    { component: "a", stream: "default", grouping: { type: "localOrShuffle" } },
    { component: "a", stream: "s", grouping: { type: "localOrShuffle" } },
    { component: "a", stream: "default", grouping: { type: "partialKey", fields: ["x"] } },
    { component: "a", stream: "s", grouping: { type: "partialKey", fields: ["x"] } },
    { component: "a", stream: "default", grouping: { type: "custom" } },
    { component: "a", stream: "s", grouping: { type: "custom" } },
    { component: "b", stream: "s", grouping: { type: "custom" } },
    { component: "b", stream: "s", grouping: { type: "fields", fields: ["x"] } },
  ]);
  expect(customs).toEqual([
    { component: "a", stream: "default", grouping: custom },
    { component: "a", stream: "s", grouping: custom },
    { component: "b", stream: "s", grouping: custom },
  ]);
});

test("DraftDeclarer records configuration, the later call winning", () => {
  const { config } = described((declarer) =>
    declarer.addConfiguration("a", 1).addConfigurations(new Config({ a: 2, b: 3 }))
      .addConfigurations({ c: 4 }).setDebug(true).setMaxSpoutPending(5)
      .setTickTupleFrequency(0.5).setTickTupleFrequencyMs(20)
  );
  expect(config.toMap()).toEqual({
    a: 2,
    b: 3,
    c: 4,
    "topology.debug": true,
    "topology.max.spout.pending": 5,
    "topology.tick.tuple.freq.ms": 20,
  });
});

test("setTickTupleFrequency() takes any fraction of a second, to the millisecond", () => {
  const key = "topology.tick.tuple.freq.ms";
  const ms = (seconds: number) => [
    described((declarer) => declarer.setTickTupleFrequency(seconds)).config.get(key),
    new Config().setTickTupleFrequency(seconds).get(key),
  ];
  expect(ms(1.1)).toEqual([1100, 1100]);
  expect(ms(0.29)).toEqual([290, 290]);
  expect(ms(0.0001)).toEqual([1, 1]);
  expect(ms(0)).toEqual([0, 0]);
  expect(ms(-2)).toEqual([-2000, -2000]);
});

test("addConfigurations() keeps the serializers of a Config, which are told of later", () => {
  class Money {}
  const money = { name: "money", serialize: () => 0, deserialize: () => new Money() };
  const { config } = described((declarer) =>
    declarer.addConfigurations(new Config().registerSerialization(Money, money))
  );
  expect(config.serializations.map(({ name }) => name)).toEqual(["money"]);
});

test("DraftDeclarer is a source itself, by its id", () => {
  const { inputs } = described((declarer) =>
    declarer.shuffleGrouping(declarer).fieldsGrouping({ id: "a" }, "s", ["x"])
  );
  expect(inputs).toEqual([
    { component: "b", stream: "default", grouping: { type: "shuffle" } },
    { component: "a", stream: "s", grouping: { type: "fields", fields: ["x"] } },
  ]);
});
