import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { drawTopology } from "../../tests/support/definitions.ts";
import { pack, planOf } from "../../tests/support/plans.ts";
import { RegisterStmgrSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { StmgrRoster } from "./stmgr_roster.ts";

const DEFINITION = drawTopology("s b", { config: { "topology.stmgrs": 2 } });
const { packingPlan } = pack(DEFINITION);

/** Stream manager 1 with its task 1. */
function recordOf(port: number, life: [number, number], taskLife: [number, number]) {
  const [epoch, counter] = life;
  return create(RegisterStmgrSchema, {
    stmgr: { id: "stmgr-1", hostName: "127.0.0.1", dataPort: port, localEndpoint: "/unused" },
    incarnation: { epoch, counter },
    instances: [{
      instanceId: "i1",
      stmgrId: "stmgr-1",
      info: { taskId: 1, componentIndex: 0, componentName: "s" },
    }],
    tasks: [{ task: 1, incarnation: { epoch: taskLife[0], counter: taskLife[1] } }],
  });
}

test("StmgrRoster.take() tells whether a place or a life is another", () => {
  const roster = new StmgrRoster(packingPlan, undefined);
  expect(roster.isComplete).toBe(false);
  expect(roster.take(recordOf(7001, [1, 1], [1, 1]))).toBe(true);
  expect(roster.take(recordOf(7001, [1, 1], [1, 1]))).toBe(false);
  expect(roster.take(recordOf(7002, [1, 1], [1, 1]))).toBe(true);
  expect(roster.take(recordOf(7002, [1, 2], [1, 1]))).toBe(true);
  expect(roster.take(recordOf(7002, [1, 2], [2, 1]))).toBe(true);
  // Lives never go back.
  expect(roster.take(recordOf(7002, [1, 2], [1, 9]))).toBe(false);
  expect(roster.parts.taskLives[0]?.incarnation).toMatchObject({ epoch: 2, counter: 1 });
});

test("StmgrRoster begins with the places and lives of the stored plan, as far as they are packed", () => {
  const update = planOf(DEFINITION);
  const roster = new StmgrRoster(packingPlan, update);
  expect([roster.isComplete, roster.size, [...roster.tasks]]).toEqual([true, 2, [1, 2]]);
  expect(roster.parts.stmgrs).toEqual(update.plan?.stmgrs ?? []);
  expect(roster.parts.taskLives).toEqual(update.tasks);
  const alone = new StmgrRoster(pack(drawTopology("s b")).packingPlan, update);
  expect(alone.parts.stmgrs.map(({ id }) => id)).toEqual(["stmgr-1"]);
});

test("StmgrRoster.refuse() knows the lives of before it, and whose tasks are whose", () => {
  const roster = new StmgrRoster(packingPlan, undefined);
  roster.take(recordOf(7001, [2, 1], [2, 1]));
  expect(roster.refuse(recordOf(7001, [1, 9], [1, 1]))).toContain("replaced by incarnation 2.1");
  expect(roster.refuse(recordOf(7001, [2, 1], [2, 1]))).toBeUndefined();
  const other = recordOf(7001, [2, 1], [2, 1]);
  other.instances = [];
  expect(roster.refuse(other)).toContain("found tasks [], expected [1]");
});
