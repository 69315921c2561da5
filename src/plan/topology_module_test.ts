import { expect, test } from "bun:test";
import { HeronError } from "../base/mod.ts";
import { TopologyBuilder } from "../api/mod.ts";
import { callFactory } from "./topology_module.ts";

function builder(): TopologyBuilder {
  const made = new TopologyBuilder("made");
  made.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  });
  made.setBolt("sink", { execute() {} }).shuffleGrouping("source");
  return made;
}

test("callFactory() gives the topology that the default export returns, now or later", async () => {
  const direct = await callFactory((args: string[]) => {
    expect(args).toEqual(["x"]);
    return builder().createTopology();
  }, ["x"]);
  expect(direct.definition.name).toBe("made");
  const later = await callFactory(() => Promise.resolve(builder().createTopology()), []);
  expect(later.component("sink")).toBeDefined();
});

test("callFactory() builds a builder that was returned in place of a topology", async () => {
  expect((await callFactory(() => builder(), [])).definition.components.length).toBe(2);
});

test("callFactory() names what it found in place of a topology", async () => {
  const cases: [unknown, string][] = [
    [undefined, "no default export"],
    [7, "is a number"],
    [() => 7, "returned a number"],
    [() => undefined, "returned undefined"],
    [() => [], "returned an array"],
    [() => ({}), "returned an object of another kind"],
  ];
  for (const [factory, text] of cases) {
    const failed = callFactory(factory, []);
    await expect(failed).rejects.toThrow(text);
    await expect(failed).rejects.toMatchObject({ code: "bad_default_export" });
  }
});

test("callFactory() refuses a topology that a second copy of the API built", () => {
  const own = builder().createTopology();
  const other = { ...own, [Symbol.for("heron-bin.topology")]: true };
  const failed = callFactory(() => other, []);
  expect(failed).rejects.toBeInstanceOf(HeronError);
  expect(failed).rejects.toMatchObject({
    code: "duplicate_api",
    message: expect.stringContaining("built by a second copy of the API"),
  });
});
