import { expect, test } from "bun:test";
import { create } from "@bufbuild/protobuf";
import { drawTopology } from "../../tests/support/definitions.ts";
import { PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { HeronError } from "../base/mod.ts";
import { decodeJob, encodeJob, type NewJob } from "./job.ts";
import { logicalPlanToProto } from "./logical_plan.ts";
import { planHash } from "./plan_hash.ts";

const DEFINITION = drawTopology("s b");

const JOB = {
  topologyName: "drawn",
  topologyId: "drawn-1",
  cluster: "local",
  role: "me",
  environ: "default",
  folder: "/tmp/run",
  stateRoot: "/tmp/run/state",
  bundle: "/tmp/run/topology/bundle.js",
  arguments: ["a", ""],
  environment: [{ name: "HOME", value: "/home/me" }],
  planHash: planHash(DEFINITION),
  topology: logicalPlanToProto(DEFINITION, "drawn-1"),
  packingPlan: create(PackingPlanSchema, { id: "drawn-1" }),
  schedulerEpoch: 3,
  workingFolder: "/home/me",
} satisfies NewJob;

function decode(change: NewJob) {
  return decodeJob(encodeJob({ ...JOB, ...change }));
}

test("decodeJob() gives back what encodeJob() took", () => {
  expect(decode({})).toMatchObject(JOB);
});

test("decodeJob() names what is missing", () => {
  const { topology: _, packingPlan: _plan, ...rest } = JOB;
  expect(() => decodeJob(encodeJob({ ...rest, bundle: "" }))).toThrow(
    'Read the job: found no "bundle", "topology", "packing_plan", expected all of it',
  );
  expect(() => decodeJob(new Uint8Array())).toThrow('found no "topology_name", "topology_id"');
});

test("decodeJob() refuses parts that do not belong together", () => {
  expect(() => decode({ planHash: new Uint8Array(31) })).toThrow("found a plan hash of 31 B");
  const other = decode({ packingPlan: create(PackingPlanSchema, { id: "other" }) });
  expect(() => other.packingPlan).toThrow('found a plan of topology "other", expected "drawn-1"');
});

test("decodeJob() refuses a job that is cut anywhere in what a role needs", () => {
  const bytes = encodeJob(JOB);
  const needed = encodeJob({ ...JOB, schedulerEpoch: 0, workingFolder: "" }).length;
  expect(needed).toBeGreaterThan(300);
  for (let cut = 0; cut < needed; cut++) {
    expect(() => decodeJob(bytes.subarray(0, cut)), `cut at ${cut}`).toThrow(HeronError);
  }
});

test("encodeJob() refuses a plan that lacks a required field", () => {
  expect(() => encodeJob({ ...JOB, packingPlan: create(PackingPlanSchema) }))
    .toThrow('Encode heron.proto.system.PackingPlan: found no "id"');
});
