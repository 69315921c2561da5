import { expect, test } from "bun:test";
import { hashValues } from "./canonical_hash.ts";
import { CreditTable } from "./credit.ts";
import { OutChannel } from "./out_channel.ts";
import { firstCandidate, PartialKey, secondCandidate } from "./partial_key.ts";

test("firstCandidate() and secondCandidate() differ, and use all pairs about as often", () => {
  for (const count of [2, 3, 8]) {
    const pairs = new Map<string, number>();
    for (let key = 0; key < 10_000; key++) {
      const hash = hashValues([`key ${key}`]);
      const [first, second] = [firstCandidate(hash, count), secondCandidate(hash, count)];
      expect(first).toBeWithin(0, count);
      expect(second).toBeWithin(0, count);
      expect(first).not.toBe(second);
      pairs.set(`${first} ${second}`, (pairs.get(`${first} ${second}`) ?? 0) + 1);
    }
    const mean = 10_000 / (count * (count - 1));
    expect(pairs.size).toBe(count * (count - 1));
    for (const [pair, keys] of pairs) {
      expect(keys, `${pair} of ${count}`).toBeWithin(mean * 0.7, mean * 1.3);
    }
  }
  expect([firstCandidate(7, 1), secondCandidate(7, 1)]).toEqual([0, 0]);
});

/** Channels to tasks 0 and 1, with so much credit. */
function createChannels(bytes: number) {
  const credit = new CreditTable(new Int32Array(2));
  const channels = [0, 1].map((destinationTask) => {
    credit.reset(destinationTask, bytes);
    const header = {
      destinationTask,
      sourceTask: 2,
      sourceEpoch: 1,
      sourceCounter: 1,
      planVersion: 1,
      restoreEpoch: 0,
    };
    return new OutChannel(header, credit);
  });
  return { credit, channels };
}

function appendTo(channel: OutChannel | undefined): void {
  if (channel === undefined) return;
  channel.batch.beginTuple(0);
  channel.batch.endTuple();
  channel.flush({ write() {} });
}

test("PartialKey.choose() does not pass the credit of a stuck task further with each call", () => {
  const { credit, channels } = createChannels(1000);
  const key = new PartialKey(channels);
  const [stuck, served] = channels;
  while ((stuck?.headroom() ?? 0) > 0) appendTo(stuck);
  const perCall = 3;
  for (let call = 0; call < 100; call++) {
    // It begins with credit for one tuple.
    credit.raise(1, (served?.sentBytes ?? 0) + 1);
    for (let tuple = 0; tuple < perCall; tuple++) appendTo(key.choose(tuple));
  }
  // A tuple takes less than 200 B, with the cost of its batch.
  expect(stuck?.headroom()).toBeGreaterThan(-(perCall + 1) * 200);
});
