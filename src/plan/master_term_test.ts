import { expect, test } from "bun:test";
import { isOlderTerm } from "./master_term.ts";

test("isOlderTerm() compares the scheduler's epoch, then the lease", () => {
  const term = { schedulerEpoch: 2, leaseNumber: 5n };
  expect(isOlderTerm(term, term)).toBe(false);
  expect(isOlderTerm({ ...term, leaseNumber: 4n }, term)).toBe(true);
  expect(isOlderTerm({ schedulerEpoch: 1, leaseNumber: 9n }, term)).toBe(true);
  expect(isOlderTerm({ schedulerEpoch: 3, leaseNumber: 1n }, term)).toBe(false);
});
