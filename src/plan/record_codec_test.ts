import { expect, test } from "bun:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { ExecutionStateSchema } from "../base/gen/heron/execution_state_pb.ts";
import { PackingPlanSchema } from "../base/gen/heron/packing_plan_pb.ts";
import { TManagerLocationSchema } from "../base/gen/heron/tmanager_pb.ts";
import { HeronError } from "../base/mod.ts";
import { decodeRecord, encodeRecord } from "./record_codec.ts";

const LOCATION = {
  topologyName: "t",
  topologyId: "t1",
  host: "h",
  controllerPort: -1,
  serverPort: 5,
};

test("encodeRecord() names every required field that is missing", () => {
  expect(() => encodeRecord(ExecutionStateSchema, { topologyName: "t", cluster: "c" })).toThrow(
    new TypeError(
      "Encode heron.proto.system.ExecutionState: " +
        'found no "topology_id", "environ", "role", expected all required fields',
    ),
  );
  const plan = { id: "p", containerPlans: [{ id: 1 }, { instancePlans: [{ taskId: 1 }] }] };
  expect(() => encodeRecord(PackingPlanSchema, plan)).toThrow(
    'found no "container_plans[0].requiredResource", "container_plans[1].id", ' +
      '"container_plans[1].instance_plans[0].component_name", ' +
      '"container_plans[1].instance_plans[0].component_index", ' +
      '"container_plans[1].instance_plans[0].resource" and 1 more, expected',
  );
});

test("decodeRecord() gives back what encodeRecord() took", () => {
  const bytes = encodeRecord(TManagerLocationSchema, LOCATION);
  expect(decodeRecord(TManagerLocationSchema, bytes, "it")).toEqual(
    create(TManagerLocationSchema, LOCATION),
  );
});

test("decodeRecord() keeps fields that it does not know", () => {
  const known = encodeRecord(TManagerLocationSchema, LOCATION);
  const bytes = new Uint8Array([...known, 0xc2, 0x3e, 2, 7, 7]);
  const location = decodeRecord(TManagerLocationSchema, bytes, "it");
  expect(location.$unknown?.[0]?.no).toBe(1000);
  expect(encodeRecord(TManagerLocationSchema, location)).toEqual(bytes);
});

test("decodeRecord() refuses every cut of a record as corrupt", () => {
  const bytes = toBinary(TManagerLocationSchema, create(TManagerLocationSchema, LOCATION));
  for (let cut = 0; cut < bytes.length; cut++) {
    let thrown: unknown;
    try {
      decodeRecord(TManagerLocationSchema, bytes.subarray(0, cut), "the location");
    } catch (error) {
      thrown = error;
    }
    expect(thrown, `cut at ${cut}`).toBeInstanceOf(HeronError);
    expect(HeronError.from(thrown).code).toBe("corrupt");
    expect(HeronError.from(thrown).message).toStartWith("Read the location: found ");
  }
});

test("decodeRecord() of an empty file names what is missing", () => {
  expect(() => decodeRecord(TManagerLocationSchema, new Uint8Array(), "the location")).toThrow(
    'Read the location: found no "topology_name", "topology_id", "host", "controller_port", ' +
      '"server_port", expected all required fields in 0 B of heron.proto.tmanager.TManagerLocation',
  );
});
