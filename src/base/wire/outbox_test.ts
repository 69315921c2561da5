import { expect, test } from "bun:test";
import { Outbox } from "./outbox.ts";

/** A kernel that takes `takes` bytes a write, and turn ends that the test calls. */
function setUp(takes = Infinity) {
  const writes: number[] = [];
  const got: number[] = [];
  const turnEnds: (() => void)[] = [];
  const kernel = {
    takes,
    write(bytes: Uint8Array, offset: number, length: number): number {
      const taken = Math.min(length, kernel.takes);
      if (taken > 0) got.push(...bytes.subarray(offset, offset + taken));
      writes.push(taken);
      return taken;
    },
  };
  const outbox = new Outbox({
    target: kernel,
    flushBytes: 100,
    atTurnEnd: (run) => turnEnds.push(run),
  });
  const endTurn = (): void => turnEnds.splice(0).forEach((run) => run());
  return { outbox, kernel, writes, got, endTurn, turnEnds };
}

function bytesFrom(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);
}

test("Outbox.append() leaves in one write at the end of the turn", () => {
  const { outbox, writes, got, endTurn, turnEnds } = setUp();
  for (let i = 0; i < 9; i++) outbox.append(bytesFrom(10 * i, 12), 1, 11);
  expect(turnEnds.length).toBe(1);
  expect([writes.length, outbox.queuedBytes]).toEqual([0, 90]);
  endTurn();
  expect([writes, outbox.queuedBytes]).toEqual([[90], 0]);
  expect(got).toEqual([...bytesFrom(1, 90)]);
  outbox.append(bytesFrom(0, 5), 0, 5);
  endTurn();
  expect(writes).toEqual([90, 5]);
});

test("Outbox.append() writes at once when flushBytes wait, and a large piece without a copy", () => {
  const { outbox, writes, endTurn } = setUp();
  outbox.append(bytesFrom(0, 60), 0, 60);
  outbox.append(bytesFrom(0, 60), 0, 60);
  expect(writes).toEqual([120]);
  outbox.append(bytesFrom(0, 500), 0, 500);
  expect(writes).toEqual([120, 500]);
  endTurn();
  expect(writes).toEqual([120, 500]);
  expect(outbox.roomBytes).toBeLessThanOrEqual(4096);
});

test("Outbox.uncork() writes at once, and nothing asks for the end of the turn before", () => {
  const { outbox, writes, turnEnds } = setUp();
  outbox.cork();
  outbox.append(bytesFrom(0, 10), 0, 10);
  outbox.append(bytesFrom(0, 20), 0, 20);
  expect([writes, turnEnds.length]).toEqual([[], 0]);
  outbox.uncork();
  expect([writes, turnEnds.length]).toEqual([[30], 0]);
  outbox.append(bytesFrom(0, 5), 0, 5);
  expect([writes, turnEnds.length]).toEqual([[30], 1]);
});

test("Outbox keeps what the kernel did not take and goes on when it drains", () => {
  const { outbox, kernel, writes, got, endTurn } = setUp(70);
  outbox.append(bytesFrom(0, 200), 0, 200);
  expect([writes, outbox.queuedBytes, outbox.blocked]).toEqual([[70], 130, true]);
  outbox.append(bytesFrom(200, 50), 0, 50);
  endTurn();
  outbox.flush();
  expect([writes.length, outbox.queuedBytes]).toEqual([1, 180]);
  expect(outbox.drained()).toBe(false);
  expect(outbox.queuedBytes).toBe(110);
  kernel.takes = Infinity;
  expect(outbox.drained()).toBe(true);
  expect([writes, outbox.queuedBytes, outbox.blocked]).toEqual([[70, 70, 110], 0, false]);
  expect(got).toEqual([...bytesFrom(0, 250)]);
});

test("Outbox drops everything once the socket is closed", () => {
  const { outbox, kernel, writes, endTurn } = setUp();
  kernel.takes = -1;
  outbox.append(bytesFrom(0, 500), 0, 500);
  expect(outbox.queuedBytes).toBe(0);
  outbox.append(bytesFrom(0, 5), 0, 5);
  endTurn();
  expect([writes, outbox.queuedBytes]).toEqual([[-1], 0]);
});

test("Outbox.trim() gives memory back after a burst", () => {
  const { outbox, kernel } = setUp(0);
  outbox.append(new Uint8Array(100_000), 0, 100_000);
  kernel.takes = Infinity;
  outbox.drained();
  outbox.trim();
  outbox.trim();
  expect(outbox.roomBytes).toBe(4096);
});
