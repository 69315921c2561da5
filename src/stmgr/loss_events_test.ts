import { expect, test } from "bun:test";
import { seededRandom } from "../base/mod.ts";
import { type LinkLoss, LossEvents } from "./loss_events.ts";

const [A, B, C] = ["stmgr-1", "stmgr-2", "stmgr-3"];

function events(): LossEvents {
  let id = 0;
  return new LossEvents({ settleMs: 200, nextId: () => ++id });
}

const LOST = { id: 1, first: A, second: B, settled: false };

test("LossEvents settles when both ends have confirmed, whatever their order", () => {
  const losses = events();
  expect(losses.confirmed(A, B, 1000)).toEqual([LOST]);
  expect(losses.unsettled).toEqual([LOST]);
  expect(losses.confirmed(B, A, 1010)).toEqual([{ ...LOST, settled: true }]);
  expect(losses.unsettled).toEqual([]);
  expect(losses.dueMs).toBeUndefined();
  expect(losses.timer(9999)).toEqual([]);
});

test("LossEvents settles by time when the other end says nothing", () => {
  const losses = events();
  losses.confirmed(A, B, 1000);
  expect(losses.dueMs).toBe(1200);
  expect(losses.timer(1199)).toEqual([]);
  expect(losses.timer(1200)).toEqual([{ ...LOST, settled: true }]);
  expect(losses.dueMs).toBeUndefined();
});

test("LossEvents takes a confirmation that comes too late for a new event, settled at once", () => {
  const losses = events();
  losses.confirmed(A, B, 1000);
  losses.timer(1200);
  const late = { id: 2, first: B, second: A };
  expect(losses.confirmed(B, A, 5000))
    .toEqual([{ ...late, settled: false }, { ...late, settled: true }]);
  expect(losses.confirmed(B, A, 6000)).toEqual([{ ...late, id: 3, settled: false }]);
});

test("LossEvents settles when the link is open again, and forgets who had confirmed alone", () => {
  const losses = events();
  expect(losses.reopened(A, B)).toEqual([]);
  losses.confirmed(A, B, 1000);
  expect(losses.reopened(B, A)).toEqual([{ ...LOST, settled: true }]);
  losses.confirmed(A, B, 2000);
  losses.timer(2200);
  losses.reopened(A, B);
  expect(losses.confirmed(B, A, 3000)).toEqual([{ id: 3, first: B, second: A, settled: false }]);
  expect(losses.dueMs).toBe(3200);
});

test("LossEvents waits anew for the end that sees the link lost once more", () => {
  const losses = events();
  losses.confirmed(A, B, 1000);
  expect(losses.confirmed(A, B, 1150)).toEqual([]);
  expect(losses.dueMs).toBe(1350);
});

test("LossEvents follows each pair by itself", () => {
  const losses = events();
  losses.confirmed(A, B, 1000);
  expect(losses.confirmed(C, B, 1100)).toMatchObject([{ id: 2, first: C, settled: false }]);
  expect(losses.confirmed(B, A, 1150)).toMatchObject([{ id: 1, settled: true }]);
  expect(losses.dueMs).toBe(1300);
});

test("LossEvents tells of a settled event at or after each end's word, in any order of words", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const losses = events();
    const open = new Map<number, LinkLoss>();
    let [nowMs, lastWordMs, lastSettledMs] = [0, -1, -1];
    const take = (told: readonly LinkLoss[]): void => {
      for (const loss of told) {
        if (loss.settled) {
          expect(open.delete(loss.id), `seed ${seed}`).toBe(true);
          lastSettledMs = nowMs;
        } else {
          expect(open.has(loss.id), `seed ${seed}`).toBe(false);
          open.set(loss.id, loss);
        }
      }
    };
    for (let step = 0; step < 40; step++) {
      nowMs += random.below(150);
      take(losses.timer(nowMs));
      const word = random.below(3);
      if (word === 2) take(losses.reopened(A, B));
      else {
        lastWordMs = nowMs;
        take(word === 0 ? losses.confirmed(A, B, nowMs) : losses.confirmed(B, A, nowMs));
      }
      expect(open.size, `seed ${seed}`).toBe(losses.unsettled.length);
    }
    nowMs += 200;
    take(losses.timer(nowMs));
    expect(open.size, `seed ${seed}`).toBe(0);
    expect(lastSettledMs, `seed ${seed}`).toBeGreaterThanOrEqual(lastWordMs);
  }
});
