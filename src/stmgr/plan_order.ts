/** Which of two plans is newer: that of the newer master, then the newer one. */

import type { PlanUpdate } from "../base/gen/heron_bin/packet_pb.ts";
import { isOlderTerm } from "../plan/mod.ts";

/** Less than 0 when `one` comes from an older master, or is older itself, than `other`; 0: the same plan. */
export function comparePlans(one: PlanUpdate, other: PlanUpdate): number {
  if (isOlderTerm(one, other)) return -1;
  if (isOlderTerm(other, one)) return 1;
  if (one.planVersion !== other.planVersion) return one.planVersion - other.planVersion;
  return one.addressVersion - other.addressVersion;
}
