/**
 * Which processes a container runs, by the packing plan: the topology master's container has
 * it and a metrics manager, the others a stream manager, a metrics manager and one instance
 * a task. How they are started and watched is the container's.
 */

import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import { HeronError } from "../base/mod.ts";
import type { SupervisedChild } from "../base/supervision/mod.ts";
import {
  type CheckedJob,
  metricsmgrId,
  packedInstances,
  type SizedInstance,
  stmgrId,
} from "../plan/mod.ts";

/** A process of a container. */
export interface ContainerProcess extends SupervisedChild {
  /** Its subcommand. */
  readonly subcommand: "tm" | "stmgr" | "metricsmgr" | "instance";
  /** Undefined unless it is an instance. */
  readonly instance: SizedInstance | undefined;
}

// Who hears the last words of others stops after them.
const STOP_PHASE = Object.freeze({ instance: 0, tm: 1, stmgr: 1, metricsmgr: 2 });

/**
 * The processes of container `container`, in the order in which they are started; the metrics manager
 * behind all others.
 * @throws HeronError `corrupt` when the packing plan has no such container
 */
export function processesOf(job: CheckedJob, container: number): readonly ContainerProcess[] {
  const metricsmgr = service(Role.METRICSMGR, "metricsmgr", metricsmgrId(container));
  if (container === 0) return [service(Role.TM, "tm", "tm"), metricsmgr];
  const instances = packedInstances(job, container);
  if (instances === undefined) {
    throw new HeronError(
      "corrupt",
      `Look up container ${container} in the packing plan: not found, expected it there`,
    );
  }
  return [
    service(Role.STMGR, "stmgr", stmgrId(container)),
    metricsmgr,
    ...instances.map(instanceProcess),
  ];
}

/** The arguments of a process: its subcommand and its flags. */
export function argumentsOf(
  { subcommand, instance }: ContainerProcess,
  place: {
    readonly jobFile: string;
    readonly container: number;
    readonly incarnation: { readonly epoch: number; readonly counter: number };
  },
): readonly string[] {
  const { epoch, counter } = place.incarnation;
  return [
    subcommand,
    ...["--job", place.jobFile],
    ...["--container", String(place.container)],
    ...(instance === undefined ? [] : instanceArguments(instance)),
    ...["--incarnation", `${epoch}.${counter}`],
  ];
}

/** What an instance would otherwise look up in the packing plan, which is large. */
function instanceArguments({ taskId, component, componentIndex }: SizedInstance): string[] {
  return [
    ...["--task", String(taskId)],
    ...["--component", component],
    ...["--index", String(componentIndex)],
  ];
}

function service(
  role: Role,
  subcommand: Exclude<ContainerProcess["subcommand"], "instance">,
  id: string,
): ContainerProcess {
  return {
    role,
    id,
    subcommand,
    stopPhase: STOP_PHASE[subcommand],
    // No tuple waits for it.
    startsLast: subcommand === "metricsmgr",
    instance: undefined,
  };
}

function instanceProcess(instance: SizedInstance): ContainerProcess {
  return {
    role: Role.INSTANCE,
    id: instance.instanceId,
    subcommand: "instance",
    stopPhase: STOP_PHASE.instance,
    needsProgress: true,
    instance,
  };
}
