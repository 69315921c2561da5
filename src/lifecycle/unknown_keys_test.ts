import { expect, test } from "bun:test";
import { Config, TopologyBuilder } from "../api/mod.ts";
import { unknownKeys } from "./unknown_keys.ts";

class Word {}

test("unknownKeys() names keys that look like the system's, and passes over a user's own", () => {
  const builder = new TopologyBuilder("keys");
  builder.setSpout("a", { nextTuple() {} })
    .addConfiguration("topology.tick.tuple.freq.sec", 1)
    .addConfiguration("url", "http://localhost");
  const { definition } = builder.createTopology(
    new Config().setDebug(true).setComponentRam("a", 2 ** 28).put("instance.threads", 1)
      .put("heron.stream.manager", 1).put("word.limit", 3)
      .registerSerialization(Word, {
        name: "word",
        serialize: () => 0,
        deserialize: () => new Word(),
      }),
  );
  expect(unknownKeys(definition)).toEqual([
    'config key "heron.stream.manager" is not known, and does nothing',
    'config key "topology.tick.tuple.freq.sec" of "a" is not known, and does nothing',
  ]);
});
