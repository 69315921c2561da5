import { expect, test } from "bun:test";
import type { GroupingDefinition } from "../api/mod.ts";
import { seededRandom } from "../base/mod.ts";
import { CreditTable } from "./credit.ts";
import { OutChannel } from "./out_channel.ts";
import { CreditGate, Edge } from "./router.ts";

function openEdge(
  grouping: GroupingDefinition["type"],
  tasks: number,
  limit = 1_000_000,
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
    fieldIndexes: grouping === "fields" ? [1] : [],
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
  const { edge, channels } = openEdge("shuffle", 3, 1000);
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

test("Edge.choose() takes the lowest task for global, none for all and direct", () => {
  expect(openEdge("global", 3).edge.choose([])?.destinationTask).toBe(1);
  expect(openEdge("all", 3).edge.choose([])).toBeUndefined();
  expect(openEdge("direct", 3).edge.choose([])).toBeUndefined();
});

test("CreditGate closes for fields when one task has no credit and opens with its grant", () => {
  const { edge, channels, credit } = openEdge("fields", 3, 100);
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
  const { edge, channels, credit } = openEdge("shuffle", 3, 100);
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

test("CreditGate minds a channel that two edges share", () => {
  const { edge, channels, credit } = openEdge("fields", 2, 100);
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
