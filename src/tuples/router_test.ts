import { expect, test } from "bun:test";
import type { GroupingDefinition } from "../api/mod.ts";
import { seededRandom } from "../base/mod.ts";
import { CreditTable } from "./credit.ts";
import { OutChannel } from "./out_channel.ts";
import { CreditGate, Edge } from "./router.ts";

function openEdge(
  grouping: GroupingDefinition["type"],
  tasks: number,
  { limit = 1_000_000, localFrom = Infinity }: { limit?: number; localFrom?: number } = {},
): { edge: Edge; credit: CreditTable; channels: OutChannel[] } {
  const credit = new CreditTable(new Int32Array(new SharedArrayBuffer(4 * (tasks + 1))));
  const channels = Array.from({ length: tasks }, (_, index) => {
    credit.reset(index + 1, limit);
    return new OutChannel({
      destinationTask: index + 1,
      sourceTask: 99,
      sourceEpoch: 0,
      sourceCounter: 0,
      planVersion: 1,
      restoreEpoch: 0,
    }, credit);
  });
  const edge = new Edge({
    grouping,
    channels,
    local: channels.filter((channel) => channel.destinationTask >= localFrom),
    fieldIndexes: grouping === "fields" || grouping === "partialKey" ? [1] : [],
    keyGroups: 1024,
    random: seededRandom(7),
  });
  return { edge, credit, channels };
}

function fill(channel: OutChannel, bytes: number): void {
  const buffer = channel.batch.beginTuple(0);
  buffer.ensure(bytes);
  buffer.length += bytes;
  channel.batch.endTuple();
}

test("Edge.choose() deals shuffled tuples in turn while all have credit", () => {
  const { edge } = openEdge("shuffle", 4);
  const counts = new Map<number, number>();
  for (let round = 0; round < 400; round++) {
    const task = edge.choose([])?.destinationTask ?? 0;
    counts.set(task, (counts.get(task) ?? 0) + 1);
  }
  expect([...counts.values()]).toEqual([100, 100, 100, 100]);
});

test("Edge.choose() shuffles past a task without credit", () => {
  const { edge, channels } = openEdge("shuffle", 3, { limit: 1000 });
  const [first] = channels;
  if (first === undefined) throw new Error("no channel");
  fill(first, 2000);
  const chosen = new Set(Array.from({ length: 30 }, () => edge.choose([])?.destinationTask));
  expect(chosen).toEqual(new Set([2, 3]));
});

test("Edge.choose() sends equal fields to one task, whatever the other values", () => {
  const { edge } = openEdge("fields", 5);
  const tasks = new Set<number>();
  for (let key = 0; key < 200; key++) {
    const chosen = new Set([1, 2, 3].map((other) => edge.choose([other, `key ${key}`])));
    expect(chosen.size).toBe(1);
    for (const channel of chosen) tasks.add(channel?.destinationTask ?? 0);
  }
  expect(tasks.size).toBe(5);
});

test("Edge.choose() keeps to the tasks of the container while one of them has credit", () => {
  const { edge, channels, credit } = openEdge("localOrShuffle", 5, { limit: 1000, localFrom: 4 });
  const chosen = (): (number | undefined)[] =>
    Array.from({ length: 30 }, () => edge.choose([])?.destinationTask);
  const count = (tasks: readonly (number | undefined)[], task: number) =>
    tasks.filter((one) => one === task).length;
  const both = chosen();
  expect([count(both, 4), count(both, 5)]).toEqual([15, 15]);
  const [, second, , fourth, fifth] = channels;
  if (second === undefined || fourth === undefined || fifth === undefined) throw new Error("none");
  fill(fourth, 2000);
  expect(new Set(chosen())).toEqual(new Set([5]));
  fill(fifth, 2000);
  fill(second, 2000);
  // Nobody near has credit: all others are dealt to.
  expect(new Set(chosen())).toEqual(new Set([1, 3]));
  credit.raise(4, 10_000);
  expect(new Set(chosen())).toEqual(new Set([4]));
});

test("Edge.choose() shuffles among all where no task is in the container", () => {
  const { edge } = openEdge("localOrShuffle", 3);
  const tasks = Array.from({ length: 30 }, () => edge.choose([])?.destinationTask);
  for (const task of [1, 2, 3]) expect(tasks.filter((one) => one === task).length).toBe(10);
});

test("Edge.choose() gives each partial key two tasks, evenly though one key is most frequent", () => {
  const { edge } = openEdge("partialKey", 7);
  const byKey = new Map<string, Set<number>>();
  const counts = new Map<number, number>();
  for (let tuple = 0; tuple < 7_000; tuple++) {
    const key = tuple % 4 === 0 ? "frequent" : `key ${tuple % 500}`;
    const task = edge.choose(["other", key])?.destinationTask ?? 0;
    byKey.set(key, (byKey.get(key) ?? new Set()).add(task));
    counts.set(task, (counts.get(task) ?? 0) + 1);
  }
  expect(byKey.get("frequent")?.size).toBe(2);
  for (const tasks of byKey.values()) expect(tasks.size).toBeLessThanOrEqual(2);
  // By fields one task would have a quarter of all, and its share of the rest.
  for (let task = 1; task <= 7; task++) expect(counts.get(task)).toBeWithin(850, 1150);
});

test("Edge.choose() sends a partial key past its task without credit, which is owed nothing later", () => {
  const { edge, channels, credit } = openEdge("partialKey", 2, { limit: 1000 });
  const [first] = channels;
  if (first === undefined) throw new Error("no channel");
  const chosen = () => Array.from({ length: 100 }, () => edge.choose([0, "a"])?.destinationTask);
  fill(first, 2000);
  expect(new Set(chosen())).toEqual(new Set([2]));
  credit.raise(1, 10_000);
  expect(chosen().filter((task) => task === 1).length).toBeWithin(49, 52);
});

test("Edge.addChosen() adds what each grouping chooses", () => {
  const tasksOf = (edge: Edge): number[] => {
    const chosen: OutChannel[] = [];
    edge.addChosen([], chosen);
    return chosen.map(({ destinationTask }) => destinationTask);
  };
  expect(tasksOf(openEdge("all", 3).edge)).toEqual([1, 2, 3]);
  expect(tasksOf(openEdge("global", 3).edge)).toEqual([1]);
  expect(tasksOf(openEdge("direct", 3).edge)).toEqual([]);
  expect(tasksOf(openEdge("custom", 3).edge)).toEqual([]);
  const { channels } = openEdge("custom", 3);
  const custom = new Edge({
    grouping: "custom",
    channels,
    fieldIndexes: [],
    keyGroups: 1024,
    random: seededRandom(1),
    custom: () => channels.slice(1),
  });
  expect(tasksOf(custom)).toEqual([2, 3]);
  expect(custom.choosesOne).toBe(false);
});

test("Edge.choose() takes the lowest task for global, none for all and direct", () => {
  expect(openEdge("global", 3).edge.choose([])?.destinationTask).toBe(1);
  expect(openEdge("all", 3).edge.choose([])).toBeUndefined();
  expect(openEdge("direct", 3).edge.choose([])).toBeUndefined();
});

test("CreditGate closes for fields when one task has no credit and opens with its grant", () => {
  const { edge, channels, credit } = openEdge("fields", 3, { limit: 100 });
  const gate = new CreditGate([edge]);
  const [first] = channels;
  if (first === undefined) throw new Error("no channel");
  expect(gate.hasCredit()).toBe(true);
  fill(first, 200);
  gate.block(first);
  gate.block(first);
  expect(gate.hasCredit()).toBe(false);
  credit.raise(1, 10_000);
  expect(gate.hasCredit()).toBe(true);
});

test("CreditGate stays open for shuffle until all tasks are without credit", () => {
  const { edge, channels, credit } = openEdge("shuffle", 3, { limit: 100 });
  const gate = new CreditGate([edge]);
  for (const [index, channel] of channels.entries()) {
    expect(gate.hasCredit()).toBe(true);
    fill(channel, 200);
    gate.block(channel);
    expect(gate.hasCredit()).toBe(index < 2);
  }
  credit.raise(2, 10_000);
  expect(gate.hasCredit()).toBe(true);
});

test("CreditGate closes for partial keys when a key may have both its tasks without credit", () => {
  for (const tasks of [1, 2, 5]) {
    const { edge, channels, credit } = openEdge("partialKey", tasks, { limit: 100 });
    const gate = new CreditGate([edge]);
    for (const channel of channels.slice(0, 2)) {
      expect(gate.hasCredit()).toBe(true);
      fill(channel, 200);
      gate.block(channel);
    }
    expect(gate.hasCredit()).toBe(false);
    expect(gate.stalledBy()).toEqual(channels.slice(0, 2));
    credit.raise(1, 10_000);
    expect(gate.hasCredit()).toBe(true);
    for (let key = 0; key < 100; key++) {
      // Whatever comes now finds credit.
      expect(edge.choose([0, key])?.headroom()).toBeGreaterThan(0);
    }
  }
});

test("CreditGate closes for a custom grouping when one task has no credit", () => {
  const { edge, channels } = openEdge("custom", 3, { limit: 100 });
  const gate = new CreditGate([edge]);
  const [, second] = channels;
  if (second === undefined) throw new Error("no channel");
  fill(second, 200);
  gate.block(second);
  expect(gate.hasCredit()).toBe(false);
});

test("CreditGate minds a channel that two edges share", () => {
  const { edge, channels, credit } = openEdge("fields", 2, { limit: 100 });
  const other = new Edge({
    grouping: "global",
    channels,
    fieldIndexes: [],
    keyGroups: 1024,
    random: seededRandom(1),
  });
  const gate = new CreditGate([edge, other]);
  const [, second] = channels;
  if (second === undefined) throw new Error("no channel");
  fill(second, 200);
  gate.block(second);
  expect(gate.hasCredit()).toBe(false);
  credit.raise(2, 10_000);
  expect(gate.hasCredit()).toBe(true);
});

test("Edge.choose() deals in turn before the first grants, whichever comes first", () => {
  const spans = { initialBytes: 32_768, windowBytes: 4_194_304 };
  const credit = new CreditTable(new Int32Array(new SharedArrayBuffer(16)));
  const channels = [1, 2].map((destinationTask) => {
    credit.reset(destinationTask, spans.initialBytes);
    const header = {
      sourceTask: 9,
      sourceEpoch: 0,
      sourceCounter: 0,
      planVersion: 1,
      restoreEpoch: 0,
    };
    return new OutChannel({ ...header, destinationTask }, credit, spans);
  });
  const edge = new Edge({
    grouping: "shuffle",
    channels,
    fieldIndexes: [],
    keyGroups: 1024,
    random: seededRandom(7),
  });
  credit.raise(1, spans.windowBytes);
  const chosen = Array.from({ length: 10 }, () => edge.choose([])?.destinationTask);
  expect(chosen.filter((task) => task === 1).length).toBe(5);
});
