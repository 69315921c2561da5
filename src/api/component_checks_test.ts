/** Tests of the checks of one component, through the builder's calls that describe it. */

import { expect, test } from "bun:test";
import type { IBolt } from "./bolt.ts";
import { checkComponent, componentLabel } from "./component_checks.ts";
import { Config } from "./config.ts";
import type { ComponentDraft } from "./declarers.ts";
import { Fields } from "./fields.ts";
import type { ISpout } from "./spout.ts";

function draftOf(component: unknown, changes: Partial<ComponentDraft> = {}): ComponentDraft {
  // Wrong components are the point here.
  const given = component as ISpout & IBolt;
  const code = { component: given, code: component, parallelism: 1 };
  return {
    id: "a",
    kind: "spout",
    ...code,
    config: new Config(),
    inputs: [],
    customs: [],
    ...changes,
  };
}

function faultsOf(component: unknown, changes: Partial<ComponentDraft> = {}): string[] {
  const faults: string[] = [];
  checkComponent(draftOf(component, changes), faults);
  return faults;
}

const SPOUT: ISpout = { nextTuple() {} };

test("checkComponent() asks a component once; the declarer's configuration wins", () => {
  const calls: string[] = [];
  const spout: ISpout = {
    nextTuple() {},
    declareOutputFields(declarer) {
      calls.push("declare");
      declarer.declare(["x"]);
    },
    getComponentConfiguration() {
      calls.push("configuration");
      return { own: 1, both: 1 };
    },
  };
  const faults: string[] = [];
  const config = new Config({ both: 2 }).setDebug(true);
  expect(checkComponent(draftOf(spout, { config, parallelism: 3 }), faults)).toEqual({
    name: "a",
    kind: "spout",
    parallelism: 3,
    config: { own: 1, both: 2, "topology.debug": true },
    outputs: [{ id: "default", fields: ["x"], direct: false }],
    inputs: [],
  });
  expect(faults).toEqual([]);
  expect(calls.toSorted()).toEqual(["configuration", "declare"]);
});

test("checkComponent() takes streams from outputs, from declareOutputFields(), or from both", () => {
  const declares: ISpout = { ...SPOUT, declareOutputFields: (to) => to.declareStream("b", ["x"]) };
  const streams = (component: unknown) => {
    const faults: string[] = [];
    const { outputs } = checkComponent(draftOf(component), faults);
    return [outputs.map(({ id }) => id), faults];
  };
  expect(streams({ ...SPOUT, outputs: new Fields("y") })).toEqual([["default"], []]);
  expect(streams({ ...declares, outputs: { a: new Fields("y") } })).toEqual([["a", "b"], []]);
  expect(streams({ ...declares, outputs: { b: new Fields("y") } })).toEqual([
    ["b"],
    ['Spout "a": declares stream "b" twice'],
  ]);
  expect(faultsOf({
    ...SPOUT,
    get outputs(): never {
      throw new Error("no\nidea");
    },
  })).toEqual(['Spout "a": outputs threw Error: no idea']);
});

test("checkComponent() refuses ids and parallelisms that are none", () => {
  expect(faultsOf(SPOUT, { id: "a:b" })).toEqual(['Spout "a:b": its id "a:b" contains ":"']);
  for (const parallelism of [0, -1, 1.5, NaN, Infinity, 100_001]) {
    expect(faultsOf(SPOUT, { parallelism })).toEqual([
      `Spout "a": parallelism is "${parallelism}", expected a whole number from 1 to 100000`,
    ]);
  }
});

test("checkComponent() reports what user code throws or promises, and goes on", () => {
  expect(faultsOf({
    nextTuple() {},
    declareOutputFields() {
      throw new RangeError("no streams today");
    },
    getComponentConfiguration() {
      throw "text\nof two lines";
    },
  })).toEqual([
    'Spout "a": getComponentConfiguration() threw text of two lines',
    'Spout "a": declareOutputFields() threw RangeError: no streams today',
  ]);
  const late = { nextTuple() {}, declareOutputFields: () => Promise.reject(new Error("late")) };
  expect(faultsOf(late)).toEqual([
    'Spout "a": declareOutputFields() returned a promise, expected declarations before it returns',
  ]);
});

test("checkComponent() refuses what is no component", () => {
  expect(faultsOf({ execute() {} })).toEqual(['Spout "a": has no method nextTuple()']);
  expect(faultsOf(SPOUT, { kind: "bolt" })).toEqual(['Bolt "a": has no method execute()']);
  expect(faultsOf(undefined)).toEqual([
    'Spout "a": found type "undefined", expected an object with nextTuple()',
  ]);
  expect(faultsOf(null)).toEqual(['Spout "a": found null, expected an object with nextTuple()']);
  expect(faultsOf(class {}, { kind: "bolt" })).toEqual([
    'Bolt "a": found type "function", expected an object with execute(); make an instance of the class by new',
  ]);
});

test("checkComponent() sees a basic bolt that was set as a rich one", () => {
  const basic = { execute: (_tuple: unknown, _collector: unknown) => undefined };
  expect(faultsOf(basic, { kind: "bolt" })).toEqual([
    'Bolt "a": execute() takes a collector, as basic bolts do: set it by setBasicBolt() or extend BaseBasicBolt',
  ]);
  const wrapper: IBolt = { execute() {} };
  expect(faultsOf(wrapper, { kind: "bolt", code: basic })).toEqual([]);
});

test("checkComponent() checks the component's configuration", () => {
  const config = new Config().setTickTupleFrequencyMs(-1).put("topology.component.parallelism", 2);
  expect(faultsOf({ execute() {} }, { kind: "bolt", config })).toEqual([
    'Bolt "a": config "topology.tick.tuple.freq.ms" is "-1", expected a whole number from 0 to 86400000',
    'Bolt "a": config "topology.component.parallelism" is set, expected the parallelism as third argument of setBolt()',
  ]);
});

test("checkComponent() takes a Config, and refuses serializers that only the topology can have", () => {
  class Money {}
  const money = { name: "money", serialize: () => 0, deserialize: () => new Money() };
  const registering = new Config().registerSerialization(Money, money);
  const fault = 'Bolt "a": its configuration registers serializer "money", expected that in the ' +
    "topology's, which createTopology() is given";
  const getComponentConfiguration = () => registering;
  expect(faultsOf({ execute() {}, getComponentConfiguration }, { kind: "bolt" })).toEqual([fault]);
  const config = new Config().putAll(registering);
  expect(faultsOf({ execute() {} }, { kind: "bolt", config })).toEqual([fault]);
});

test("componentLabel() names kind and id", () => {
  expect(componentLabel({ kind: "bolt", id: "x" })).toBe('Bolt "x"');
});
