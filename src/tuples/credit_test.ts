/** Credit: shares of a budget, limits that only grow, the bounds of queues. */

import { expect, test } from "bun:test";
import {
  ackBoundBytes,
  BATCH_COST_BYTES,
  CreditTable,
  type CreditTerms,
  initialCreditBytes,
  receiveBoundBytes,
  stmgrBoundBytes,
  taskBudgetBytes,
  windowBytes,
} from "./credit.ts";

const TERMS: CreditTerms = {
  instanceReceiveBytes: 8_000_000,
  topologyContainerReceiveBytes: 32_000_000,
  channelInitialCreditBytes: 32_768,
  channelMinimumCreditBytes: 1_024,
};

test("taskBudgetBytes() shares the container's budget", () => {
  expect(taskBudgetBytes(TERMS, 1)).toBe(8_000_000);
  expect(taskBudgetBytes(TERMS, 100)).toBe(320_000);
});

test("initialCreditBytes() and windowBytes() share the task's budget, with a floor", () => {
  expect([initialCreditBytes(TERMS, 100_000, 2), windowBytes(TERMS, 100_000, 2)]).toEqual([
    32_768,
    50_000,
  ]);
  expect([initialCreditBytes(TERMS, 100_000, 1_000), windowBytes(TERMS, 100_000, 1_000)]).toEqual([
    1_024,
    1_024,
  ]);
});

test("CreditTable keeps the highest limit, past 2^31 too", () => {
  const table = new CreditTable(new Int32Array(2));
  table.reset(1, 2 ** 31 - 100);
  expect(table.raise(1, 2 ** 31 - 200)).toBe(false);
  expect(table.raise(1, 2 ** 31 + 100)).toBe(true);
  expect(table.headroom(1, 2 ** 31)).toBe(100);
  expect(table.headroom(1, 2 ** 31 + 150)).toBe(-50);
});

test("receiveBoundBytes() is a window and an overshoot for each source", () => {
  expect(receiveBoundBytes(TERMS, 100_000, { tasks: 10, overshootBytes: 500 })).toBe(10 * 10_500);
});

test("stmgrBoundBytes() counts local tasks whole and remote ones by the sources that are here", () => {
  const local = { budgetBytes: 100_000, sourceTasks: 10, sourcesHere: 10 };
  const one = stmgrBoundBytes(TERMS, [{ ...local, sourcesHere: 1 }], 500);
  expect(one).toBeGreaterThan(10_500);
  expect(stmgrBoundBytes(TERMS, [local], 500)).toBe(10 * one);
  expect(stmgrBoundBytes(TERMS, [local, { ...local, sourcesHere: 3 }], 500)).toBe(13 * one);
});

test("stmgrBoundBytes() counts the acks that wait for spouts, by their slots", () => {
  const spout = { budgetBytes: 100_000, sourceTasks: 0, sourcesHere: 0 };
  const ackBytes = ackBoundBytes(1_000, 10_000);
  expect(ackBytes).toBeGreaterThan(10_000 + 1_000 * 2 * 25);
  expect(stmgrBoundBytes(TERMS, [{ ...spout, ackBytes }, spout], 500)).toBe(ackBytes);
});

test("BATCH_COST_BYTES covers the largest header of a batch", () => {
  // Frame length, packet tag and length, six fields of the channel, the offset.
  expect(BATCH_COST_BYTES).toBeGreaterThanOrEqual(5 + 1 + 5 + 6 * 6 + 9);
});
