import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { type PlanUpdate, PlanUpdateSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { comparePlans } from "./plan_order.ts";

function plan(...terms: [number, number, number, number]): PlanUpdate {
  const [schedulerEpoch, lease, planVersion, addressVersion] = terms;
  const leaseNumber = BigInt(lease);
  return create(PlanUpdateSchema, { schedulerEpoch, leaseNumber, planVersion, addressVersion });
}

/** From the oldest to the newest. */
const PLANS = [
  plan(1, 1, 1, 1),
  plan(1, 1, 1, 2),
  plan(1, 1, 2, 1),
  plan(1, 2, 1, 1),
  plan(2, 1, 1, 1),
];

test("comparePlans() asks the scheduler's epoch, then the lease, then the versions", () => {
  for (const [index, one] of PLANS.entries()) {
    for (const [place, other] of PLANS.entries()) {
      expect(Math.sign(comparePlans(one, other))).toBe(Math.sign(index - place));
    }
  }
});
