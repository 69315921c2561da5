import { expect, test } from "bun:test";
import { createTickTuple, Fields } from "../../api/mod.ts";
import { StreamTallies } from "./stream_tallies.ts";
import { TupleView } from "./tuple_view.ts";

function tupleOf(input: number): TupleView {
  const source = { task: 1, epoch: 1, counter: 1 };
  const origin = { component: "a", stream: "s", source, fields: new Fields([]), input };
  const range = {
    bytes: new Uint8Array(0),
    valuesStart: 0,
    valuesEnd: 0,
    rootsStart: 0,
    rootsEnd: 0,
  };
  return new TupleView(origin, range);
}

test("StreamTallies counts what a bolt has done by input, and times a tuple at a time", () => {
  let nowMs = 0;
  const tallies = new StreamTallies(2, () => nowMs);
  const [first, second, third] = [tupleOf(0), tupleOf(1), tupleOf(1)];
  tallies.hand(first);
  tallies.hand(second);
  nowMs = 5;
  tallies.done(second, true);
  tallies.done(first, true);
  tallies.hand(third);
  nowMs = 7;
  tallies.done(third, false);
  tallies.tickDone(createTickTuple(), true);
  expect([tallies.acked, tallies.failed]).toEqual([2, 1]);
  expect(tallies.sums).toMatchObject([
    { acked: 1, failed: 0, ackMs: 5, ackTimed: 1 },
    { acked: 1, failed: 1, ackTimed: 0, failMs: 2, failTimed: 1 },
  ]);
});

test("StreamTallies does not wait for ever for a tuple that nobody acks", () => {
  let nowMs = 0;
  const tallies = new StreamTallies(1, () => nowMs);
  for (let index = 0; index < 1000; index++) tallies.hand(tupleOf(0));
  nowMs = 50;
  const tuple = tupleOf(0);
  for (let index = 0; index < 1000; index++) tallies.hand(tuple);
  nowMs = 53;
  tallies.done(tuple, true);
  expect(tallies.sums[0]).toMatchObject({ ackMs: 3, ackTimed: 1 });
});

test("StreamTallies sums up what became of a spout's tuples", () => {
  const tallies = new StreamTallies(1, () => 0);
  tallies.completed(0, 2, 4);
  tallies.completed(0, 1, 6);
  tallies.lost(0, 30, true);
  tallies.lost(0, 1, false);
  expect(tallies.sums).toEqual([
    { acked: 3, failed: 2, timedOut: 1, ackMs: 14, ackTimed: 3, failMs: 31, failTimed: 2 },
  ]);
});
