import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { PartySchema } from "../../base/gen/heron_bin/packet_pb.ts";
import { ManualClock, silentLogger } from "../../base/mod.ts";
import { TaskFaults } from "./task_faults.ts";

const TASK = {
  taskId: 7,
  component: "count",
  componentIndex: 1,
  instanceId: "container_1_count_7",
  stmgrId: "stmgr-1",
};
const FAILURE = { code: "user_code", message: "no", stack: "at x" } as const;

function openFaults(isHeard = true) {
  const told: unknown[] = [];
  const clock = new ManualClock();
  const faults = new TaskFaults({
    task: TASK,
    party: create(PartySchema, { id: TASK.instanceId }),
    clock,
    logger: silentLogger,
    lifeLine: {
      deliver({ body }) {
        told.push(body);
        return isHeard ? Promise.resolve() : new Promise(() => {});
      },
    },
  });
  return { faults, told, clock };
}

test("TaskFaults tells which task failed, and how", async () => {
  const { faults, told } = openFaults();
  await faults.failed(FAILURE);
  await faults.warn(FAILURE, true);
  const fault = { ...FAILURE, component: "count", task: 7, componentIndex: 1 };
  expect(told).toMatchObject([
    { case: "processFailed", value: fault },
    { case: "taskWarning", value: { fault, isOver: true } },
  ]);
});

test("TaskFaults.warn() does not wait for ever where nobody hears", async () => {
  const { faults, clock } = openFaults(false);
  let isDone = false;
  const warned = faults.warn(FAILURE).then(() => {
    isDone = true;
  });
  await clock.advance(999);
  expect(isDone).toBe(false);
  await clock.advance(2);
  await warned;
});

test("TaskFaults.strayed() tells of what comes again after 1, 2, 4, … times", () => {
  const { faults, told } = openFaults();
  for (let time = 0; time < 1000; time++) faults.strayed(FAILURE);
  expect(told.length).toBe(10);
  expect(told[9]).toMatchObject({ value: { fault: { message: "no (512 times)" } } });
});
