/** What a task tells its stream manager when it has ended: what it counted. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { PacketSchema } from "../../base/gen/heron_bin/packet_pb.ts";
import type { TaskLife } from "../../tuples/mod.ts";
import type { PostedTotals } from "../bridge.ts";

/** The packet that life `incarnation` of task `task` has ended. */
export function taskEnded(
  task: number,
  incarnation: TaskLife,
  { component, emitted, executed, acked, failed, dropped }: PostedTotals,
): MessageInitShape<typeof PacketSchema> {
  const totals = {
    component,
    emitted: BigInt(emitted),
    executed: BigInt(executed),
    acked: BigInt(acked),
    failed: BigInt(failed),
    dropped: dropped.map(([reason, tuples]) => ({ reason, tuples: BigInt(tuples) })),
  };
  return { body: { case: "taskEnded", value: { task, incarnation, totals } } };
}
