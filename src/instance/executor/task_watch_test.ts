import { expect, test } from "bun:test";
import { TopologyBuilder } from "../../api/mod.ts";
import { systemConfigFrom } from "../../base/config/mod.ts";
import { decodePacket } from "../../base/wire/mod.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import { planOf } from "../../../tests/support/plans.ts";
import type { Emitter } from "./emitter.ts";
import type { Intake } from "./intake.ts";
import { TaskWatch } from "./task_watch.ts";

/** The watch over a task that waits for task 9, with 1,000 bytes of budget. */
function openWatch(isPauseOn = true) {
  const builder = new TopologyBuilder("one");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["n"]),
  });
  const config = systemConfigFrom({ "topology.backpressure.spout.pause": isPauseOn });
  const told: (string | undefined)[] = [];
  const emitter = {
    emittedBytes: 0,
    blockedMark: () => "",
    waitsFor: () => [9],
    isServed: () => false,
  };
  const intake = { heldBytes: 0 };
  const watch = new TaskWatch({
    plan: PhysicalPlan.from(planOf(builder.createTopology({}).definition)),
    taskId: 1,
    life: { epoch: 1, counter: 1 },
    config: { ...config, instanceReceiveBytes: 1_000, cycleStallMs: 400 },
    // The watch asks these two for nothing else.
    emitter: emitter as unknown as Emitter,
    intake: intake as unknown as Intake, // see above
    sink: {
      write: (bytes, start, end) => void told.push(decodePacket(bytes, start + 1, end).body.case),
    },
  });
  return { watch, told, intake };
}

test("TaskWatch.look() tells of missing credit, then that the task is stuck", () => {
  const { watch, told } = openWatch();
  expect(watch.look(0, true)).toBe(100);
  expect(watch.look(100, true)).toBe(200);
  expect(watch.look(200, true)).toBe(250);
  expect(told).toEqual(["noCredit", "taskStuck"]);
  expect(watch.look(210, false)).toBe(1_100);
  watch.end();
  expect(told).toEqual(["noCredit", "taskStuck", "taskStuck", "noCredit"]);
  expect(watch.look(220, false)).toBeUndefined();
});

test("TaskWatch.look() tells of relief when it was asked and half of the budget is free", () => {
  const { watch, told, intake } = openWatch();
  intake.heldBytes = 501;
  watch.askRelief();
  watch.look(0, false);
  expect(told).toEqual([]);
  intake.heldBytes = 500;
  watch.look(0, false);
  expect(told).toEqual(["relieved"]);
});

test("TaskWatch.look() tells nobody's missing credit where spouts do not pause", () => {
  const { watch, told } = openWatch(false);
  expect(watch.look(0, true)).toBe(200);
  expect(watch.look(200, true)).toBe(250);
  expect(told).toEqual(["taskStuck"]);
});
