import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { drawTopology } from "../../tests/support/definitions.ts";
import { planOf } from "../../tests/support/plans.ts";
import { PhysicalPlanSchema } from "../base/gen/heron/physical_plan_pb.ts";
import {
  PlanUpdateSchema,
  type TaskEnded,
  TaskEndedSchema,
  TaskEndsSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { systemClock } from "../base/mod.ts";
import { decodeRecord } from "../plan/mod.ts";
import { openMemory, type StateManager, topologyPaths } from "../state/mod.ts";
import { TmStore } from "./tm_store.ts";

const NAME = "drawn";
const PATHS = topologyPaths(NAME);
const HELD = { isHeld: () => true, confirm: () => Promise.resolve(true) };
const TAKEN = { isHeld: () => true, confirm: () => Promise.resolve(false) };
const PLAN = planOf(drawTopology("s b"));
const TOPOLOGY_ID = PLAN.plan?.topology?.id ?? "";

function term(leaseNumber: bigint) {
  return { schedulerEpoch: 1, leaseNumber };
}

function storeOf(state: StateManager, topologyId = TOPOLOGY_ID): TmStore {
  return new TmStore({ state, topologyName: NAME, topologyId, clock: systemClock });
}

/** A master that has begun under lease `leaseNumber`. */
async function masterOf(state: StateManager, leaseNumber: bigint) {
  const store = storeOf(state);
  await store.read();
  return { store, stored: await store.begin(term(leaseNumber), HELD) };
}

function endOf(task: number): TaskEnded {
  return create(TaskEndedSchema, { task, totals: { component: "x", executed: 5n } });
}

async function planIn(state: StateManager) {
  const found = await state.get(PATHS.planUpdate);
  return decodeRecord(PlanUpdateSchema, found?.bytes ?? new Uint8Array(), "the plan");
}

async function endsIn(state: StateManager) {
  const found = await state.get(PATHS.taskEnds);
  return decodeRecord(TaskEndsSchema, found?.bytes ?? new Uint8Array(), "the ends");
}

test("TmStore keeps Heron's record and all of the plan, and gives it to the next master", async () => {
  const state = openMemory();
  const first = await masterOf(state, 1n);
  expect(first.stored).toEqual({ update: undefined, ended: [] });
  await first.store.storePlan({ ...PLAN, ...term(1n) });
  const record = await state.get(PATHS.physicalPlan);
  const heron = decodeRecord(PhysicalPlanSchema, record?.bytes ?? new Uint8Array(), "the plan");
  expect(heron).toEqual(PLAN.plan as typeof heron); // planOf always makes one
  await first.store.storeEnds([endOf(1)]);
  const second = await masterOf(state, 2n);
  expect(second.stored.update).toEqual({ ...PLAN, ...term(2n) });
  expect(second.stored.ended).toEqual([endOf(1)]);
});

test("TmStore.begin() puts its term into the plan: an older master replaces nothing any more", async () => {
  const state = openMemory();
  const older = await masterOf(state, 1n);
  await older.store.storePlan({ ...PLAN, ...term(1n) });
  await masterOf(state, 2n);
  expect(await planIn(state)).toMatchObject(term(2n));
  // It believes in its lease: what it finds tells it better.
  const late = older.store.storePlan({ ...PLAN, ...term(1n), addressVersion: 9 });
  await expect(late).rejects.toThrow("found it of master 1.2, expected none above 1.1");
  expect(await planIn(state)).toMatchObject({ ...term(2n), addressVersion: 1 });
});

test("TmStore.begin() takes over a plan that the older master was still writing", async () => {
  const state = openMemory();
  const older = await masterOf(state, 1n);
  await older.store.storePlan({ ...PLAN, ...term(1n) });
  const newer = storeOf(state);
  await newer.read();
  const update = { ...PLAN, ...term(1n), addressVersion: 2 };
  const [stored] = await Promise.allSettled([
    newer.begin(term(2n), HELD),
    older.store.storePlan(update),
  ]);
  const now = await planIn(state);
  expect(now.leaseNumber).toBe(2n);
  expect(stored).toMatchObject({ status: "fulfilled", value: { update: now } });
});

test("TmStore refuses to begin, and to store ends, below a master that was there", async () => {
  const state = openMemory();
  const newer = await masterOf(state, 7n);
  await newer.store.storePlan({ ...PLAN, ...term(7n) });
  await expect(masterOf(state, 6n)).rejects.toThrow("found it of master 1.7");
  const older = storeOf(state, "another");
  await older.read();
  await expect(older.begin(term(6n), HELD)).rejects.toThrow("found it of master 1.7");
  await newer.store.storeEnds([endOf(2)]);
  await expect(older.storeEnds([endOf(1)])).rejects.toThrow("found it of master 1.7");
  expect((await endsIn(state)).ended).toEqual([endOf(2)]);
});

test("TmStore adds the ends that an older master stored last to its own", async () => {
  const state = openMemory();
  const older = await masterOf(state, 1n);
  await older.store.storePlan({ ...PLAN, ...term(1n) });
  const newer = await masterOf(state, 2n);
  await older.store.storeEnds([endOf(1)]);
  expect(await newer.store.storeEnds([endOf(2)])).toEqual([endOf(1), endOf(2)]);
  expect(await endsIn(state)).toMatchObject({ ...term(2n), ended: [endOf(1), endOf(2)] });
});

test("TmStore takes no plan and no ends of another topology of its name for its own", async () => {
  const state = openMemory();
  const former = await masterOf(state, 1n);
  await former.store.storePlan({ ...PLAN, ...term(1n) });
  await former.store.storeEnds([endOf(1), endOf(2)]);
  const store = storeOf(state, "drawn-later");
  await store.read();
  expect(await store.begin(term(2n), HELD)).toEqual({ update: undefined, ended: [] });
  expect(await endsIn(state)).toMatchObject({ ...term(2n), ended: [] });
});

test("TmStore tells where it is, unless another master has done so since", async () => {
  const state = openMemory();
  const bytes = new TextEncoder().encode("here");
  const older = await masterOf(state, 1n);
  const newer = await masterOf(state, 2n);
  await older.store.storeLocation(bytes);
  await newer.store.storeLocation(bytes);
  const late = storeOf(state);
  await late.begin(term(2n), TAKEN);
  await expect(late.storeLocation(bytes)).rejects.toThrow("found the lease lost");
});

test("TmStore says which record it cannot read", async () => {
  const state = openMemory();
  await state.create(PATHS.planUpdate, Uint8Array.of(0xff));
  await expect(masterOf(state, 1n)).rejects.toThrow("Read the stored plan: found 1 B");
});
