import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { PlanUpdateSchema, TaskEndsSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { encodeRecord } from "../plan/mod.ts";
import { MemoryState, openMemory, topologyPaths } from "../state/mod.ts";
import { planOf } from "../../tests/support/plans.ts";
import { twoByTwo } from "../../tests/support/stmgr_bench.ts";
import { readStoredState } from "./stored_state.ts";

const JOB = { topologyName: "two", topologyId: "two-test", schedulerEpoch: 3 };
const PATHS = topologyPaths("two");
const PLAN = encodeRecord(PlanUpdateSchema, planOf(twoByTwo()));

function endsOf(schedulerEpoch: number): Uint8Array {
  return encodeRecord(TaskEndsSchema, { schedulerEpoch, ended: [{ task: 3 }] });
}

/** What is read where `records` lie. */
function read(records: Readonly<Record<string, Uint8Array>>) {
  const tree = new MemoryState();
  for (const [path, bytes] of Object.entries(records)) tree.set(path, bytes);
  return readStoredState(openMemory(tree), JOB);
}

test("readStoredState() finds nothing before there was a plan", async () => {
  expect(await read({})).toEqual({ update: undefined, ends: [] });
  expect((await read({ [PATHS.taskEnds]: endsOf(3) })).ends).toEqual([]);
});

test("readStoredState() finds the plan and the ends of tasks", async () => {
  const { update, ends } = await read({ [PATHS.planUpdate]: PLAN, [PATHS.taskEnds]: endsOf(3) });
  expect(update?.plan?.topology?.id).toBe("two-test");
  expect(ends.map(({ task }) => task)).toEqual([3]);
  expect((await read({ [PATHS.planUpdate]: PLAN })).ends).toEqual([]);
});

test("readStoredState() ignores what an earlier topology of the name has left", async () => {
  const update = planOf(twoByTwo());
  const other = create(PlanUpdateSchema, { ...update });
  if (other.plan?.topology !== undefined) {
    other.plan = { ...other.plan, topology: { ...other.plan.topology, id: "two-before" } };
  }
  const bytes = encodeRecord(PlanUpdateSchema, other);
  const found = await read({ [PATHS.planUpdate]: bytes, [PATHS.taskEnds]: endsOf(3) });
  expect(found).toEqual({ update: undefined, ends: [] });
  expect((await read({ [PATHS.planUpdate]: PLAN, [PATHS.taskEnds]: endsOf(2) })).ends).toEqual([]);
});

test("readStoredState() says which record it cannot read", async () => {
  const broken = Uint8Array.of(0xff, 0xff);
  await expect(read({ [PATHS.planUpdate]: broken })).rejects.toThrow("Read the stored plan");
  await expect(read({ [PATHS.planUpdate]: PLAN, [PATHS.taskEnds]: broken }))
    .rejects.toThrow("Read the stored ends of tasks");
});
