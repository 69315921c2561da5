import { expect, test } from "bun:test";
import { TopologyBuilder } from "../../api/mod.ts";
import { systemConfigFrom } from "../../base/config/mod.ts";
import { seededRandom } from "../../base/mod.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import { CreditTable } from "../../tuples/mod.ts";
import { planOf } from "../../../tests/support/plans.ts";
import { createEmitter } from "./create_emitter.ts";

const OVERSHOOT_BYTES = 65_536;

/** Bytes that a bolt with so many calls may emit before it is refused. */
function bytesUntilRefused(calls: number): number {
  const builder = new TopologyBuilder("calls");
  const declareOutputFields = (to: { declare(fields: readonly string[]): void }) =>
    to.declare(["bytes"]);
  builder.setSpout("source", { nextTuple() {}, declareOutputFields });
  builder.setBolt("calls", { execute() {}, declareOutputFields }).shuffleGrouping("source")
    .setMaxConcurrency(calls);
  builder.setBolt("sink", { execute() {} }).shuffleGrouping("calls");
  const topology = builder.createTopology({ "emit.overshoot.bytes": OVERSHOOT_BYTES });
  const ports = {
    sink: { write: () => {}, hasRoom: () => true },
    credit: new CreditTable(new Int32Array(new SharedArrayBuffer(400))),
    random: seededRandom(1),
    waitFor: () => false,
    nowMs: () => 0,
    requestTurn: () => {},
    ended: () => {},
    progressed: () => {},
    reported: () => {},
  };
  const config = systemConfigFrom(topology.definition.config);
  const plan = PhysicalPlan.from(planOf(topology.definition));
  const task = { taskId: 2, life: { epoch: 1, counter: 1 }, topology, config, ports };
  const emitter = createEmitter(task, plan, () => false);
  const value = new Uint8Array(1000);
  for (let bytes = 0;; bytes += value.length) {
    try {
      emitter.emit("default", [value]);
    } catch (thrown) {
      expect(String(thrown)).toContain("emit.overshoot.bytes");
      return bytes;
    }
  }
}

test("createEmitter() lets each call that may be open pass its credit", () => {
  const [one, three] = [bytesUntilRefused(1), bytesUntilRefused(3)];
  expect((three - one) / OVERSHOOT_BYTES).toBeCloseTo(2, 1);
});
