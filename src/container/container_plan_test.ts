import { expect, test } from "bun:test";
import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import { decodeJob, encodeJob, planHash } from "../plan/mod.ts";
import { drawTopology } from "../../tests/support/definitions.ts";
import { pack } from "../../tests/support/plans.ts";
import { argumentsOf, processesOf } from "./container_plan.ts";

function createJob() {
  const config = { "topology.stmgrs": 2 };
  const definition = drawTopology("s b", { config, parallelism: { b: 3 } });
  const { topology, packingPlan } = pack(definition);
  return decodeJob(encodeJob({
    topologyName: definition.name,
    topologyId: topology.id,
    folder: "/run",
    stateRoot: "/run/state",
    bundle: "/run/bundle.js",
    planHash: planHash(definition),
    topology,
    packingPlan,
  }));
}

test("processesOf() gives container 0 the topology master, and each other its tasks", () => {
  const job = createJob();
  const idsOf = (container: number) => processesOf(job, container).map(({ id }) => id);
  expect(idsOf(0)).toEqual(["tm", "metricsmgr-0"]);
  expect([...idsOf(1), ...idsOf(2)].toSorted()).toEqual([
    "container_1_b_3",
    "container_1_s_1",
    "container_2_b_2",
    "container_2_b_4",
    "metricsmgr-1",
    "metricsmgr-2",
    "stmgr-1",
    "stmgr-2",
  ]);
  expect(() => processesOf(job, 3)).toThrow("container 3");
});

test("processesOf() stops instances first and metrics managers last", () => {
  const phases = processesOf(createJob(), 1).map(({ role, stopPhase }) => [role, stopPhase]);
  expect(new Set(phases.map(String))).toEqual(
    new Set([[Role.INSTANCE, 0], [Role.STMGR, 1], [Role.METRICSMGR, 2]].map(String)),
  );
});

test("argumentsOf() writes the command line of each role", () => {
  const job = createJob();
  const lines = [0, 1].flatMap((container) =>
    processesOf(job, container).map((process) =>
      argumentsOf(process, {
        jobFile: "/run/job",
        container,
        incarnation: { epoch: 3, counter: 1 },
      }).join(" ")
    )
  );
  expect(lines).toEqual([
    "tm --job /run/job --container 0 --incarnation 3.1",
    "metricsmgr --job /run/job --container 0 --incarnation 3.1",
    "stmgr --job /run/job --container 1 --incarnation 3.1",
    "metricsmgr --job /run/job --container 1 --incarnation 3.1",
    "instance --job /run/job --container 1 --task 1 --component s --index 0 --incarnation 3.1",
    "instance --job /run/job --container 1 --task 3 --component b --index 1 --incarnation 3.1",
  ]);
});
