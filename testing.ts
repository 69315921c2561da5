/**
 * The test kit of heron-bin: what a test of a topology imports from `"heron-bin/testing"`. `heron-bin
 * test` runs such tests, with nothing else installed; `test`, `expect` and the others are bun:test's.
 *
 * @example A test beside its topology: word_count_test.ts
 * ```ts
 * import { createTestTopology, expect, test } from "heron-bin/testing";
 * import wordCount from "./word_count.ts";
 *
 * test("every word is counted", async () => {
 *   await using topology = await createTestTopology(wordCount, {
 *     mockSpouts: { text: [["to be or not to be"]] },
 *   });
 *   await topology.run();
 *   expect(topology.values("split")).toContainEqual(["be"]);
 * });
 * ```
 * @module
 */

export {
  type AckedTuple,
  createTestTopology,
  type FailedTuple,
  type MockEmit,
  type MockTuple,
  type ReportedError,
  type RunLimit,
  type TestInput,
  type TestOutput,
  type TestTopology,
  type TestTopologyOptions,
  type UserTopology,
} from "./src/testing/mod.ts";
export {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  mock,
  spyOn,
  test,
} from "bun:test";
