/** The tasks of a stream manager, as it registers them with the topology master. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { InstanceSchema } from "../base/gen/heron/physical_plan_pb.ts";
import type { LocalTask } from "./stmgr_ports.ts";

/** The record of each task. */
export function ownInstances(
  stmgrId: string,
  tasks: readonly LocalTask[],
): MessageInitShape<typeof InstanceSchema>[] {
  return tasks.map(({ taskId, instanceId, component, componentIndex }) => ({
    instanceId,
    stmgrId,
    info: { taskId, componentIndex, componentName: component },
  }));
}
