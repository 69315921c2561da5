import { expect, test } from "bun:test";
import { MARKER_KIND } from "../../tuples/mod.ts";
import { grantsOf, openIntake, Source } from "../../../tests/support/channel_source.ts";
import { openEmitter } from "../../../tests/support/emitter_bench.ts";
import { creditAsk } from "./credit_ask.ts";

test("creditAsk() says where the channel stands, each time after twice as long, until it has credit", () => {
  const { emitter, frames, credit } = openEmitter({ "emit.overshoot.bytes": 2 ** 30 });
  const channel = emitter.channels.get(8);
  if (channel === undefined) throw new Error("no channel to task 8");
  emitter.emit("global", ["x".repeat(100_000)]);
  frames.length = 0;
  let nowMs = 0;
  const sink = { write: (bytes: Uint8Array) => void frames.push(bytes) };
  const hasCredit = creditAsk(channel, { sink, nowMs: () => nowMs });
  const asked: number[] = [];
  for (; nowMs < 5_000; nowMs += 10) {
    const before = frames.length;
    expect(hasCredit()).toBe(false);
    if (frames.length > before) asked.push(nowMs);
  }
  expect(asked).toEqual([250, 750, 1750, 3750]);
  credit.raise(8, channel.sentBytes + 1);
  expect(hasCredit()).toBe(true);
  expect(frames.length).toBe(4);
});

test("A source that waits in the middle of a tuple gets the credit of lost parts by its sync", () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  source.mark(MARKER_KIND.sync);
  grantsOf(intake);
  // All that was sent so far is lost; nothing follows that would tell.
  source.parts(30_000);
  expect(grantsOf(intake)).toEqual([]);
  source.mark(MARKER_KIND.sync);
  expect(grantsOf(intake)).toMatchObject([{ limit: source.offset + 32768 }]);
});
