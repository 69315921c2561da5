/** The instance role: one task of user code in its own process, in two threads or in one. */

import { join } from "node:path";
import type { ComponentDefinition, TopologyDefinition } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";
import { killProcess, openLifeLine, readProcessFacts } from "../base/supervision/mod.ts";
import { type SystemConfig, systemConfigFrom } from "../base/config/mod.ts";
import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import { createParty } from "../base/wire/mod.ts";
import {
  type CheckedJob,
  componentSettings,
  containerId,
  containerSocket,
  CUT_OFF_EXIT_CODE,
  instanceIn,
  logicalPlanFromProto,
  openRoleFiles,
  type PackedInstance,
  type RoleOptions,
  wireOf,
} from "../plan/mod.ts";
import {
  allocateBridge,
  allocateTask,
  type ExecutorSide,
  type TaskJob,
  type TaskMemory,
} from "./bridge.ts";
import { Gateway } from "./gateway/gateway.ts";
import { TwoThreads } from "./two_threads.ts";

/** Tuples that one call of a spout may emit past its ceiling where it cannot wait for a free slot. */
const CALL_SLOTS = 1024;

/** What an instance is started with. */
export interface InstanceOptions extends RoleOptions {
  readonly task: number;
  readonly component: string;
  /** From 0, within the component. */
  readonly index: number;
}

/** Runs an instance until its supervisor stops it. */
export async function runInstance(options: InstanceOptions): Promise<void> {
  const { container, incarnation, clock, random, exit } = options;
  const task = instanceIn(container, {
    taskId: options.task,
    component: options.component,
    componentIndex: options.index,
  });
  const files = await openRoleFiles(options.jobFile, task.instanceId);
  const { job } = files;
  const { logger } = files.log;
  const definition = logicalPlanFromProto(job.topology);
  const component = componentOf(definition, task);
  const config = componentSettings(systemConfigFrom(definition.config), component);
  const party = createParty({ role: Role.INSTANCE, id: task.instanceId, incarnation });
  // Its thread comes up while the life line is opened.
  const executor = await createExecutor(options, job, { config, component, definition });
  const { promise: gateway, resolve: started } = Promise.withResolvers<Gateway>();
  async function stop(): Promise<void> {
    await (await gateway).stop();
    await files.log.close();
    exit(0);
  }
  const lifeLine = await openLifeLine({
    ...wireOf(files, party, { config, clock }),
    socketPath: containerSocket(job, container),
    supervisor: { role: Role.CONTAINER, id: containerId(container) },
    onStop: () => void stop(),
    onLost() {
      // With the supervisor gone nobody else ends what user code has started in this session.
      const self = readProcessFacts(process.pid);
      if (self !== undefined) killProcess(self);
      exit(CUT_OFF_EXIT_CODE);
    },
  });
  started(
    new Gateway({
      files,
      task,
      container,
      life: incarnation,
      party,
      config,
      component,
      mergedConfig: { ...definition.config, ...component.config },
      ...executor,
      clock,
      random,
      logger,
      lifeLine,
      stmgrSocket: join(job.folder, "sockets", `${task.stmgrId}.sock`),
      exit,
    }),
  );
  lifeLine.started();
}

interface Plans {
  readonly config: SystemConfig;
  readonly definition: TopologyDefinition;
  readonly component: ComponentDefinition;
}

/** The executor that the settings of the component ask for, and what it shares with its gateway. */
async function createExecutor(
  { task: taskId, incarnation: life, clock, random }: InstanceOptions,
  { topologyName, bundle, arguments: given, planHash, largestTaskId }: CheckedJob,
  { config, definition, component }: Plans,
): Promise<{ readonly memory: TaskMemory; readonly executor: ExecutorSide }> {
  const job: TaskJob = { topologyName, bundle, arguments: given, planHash, definition };
  const sizes = { largestTaskId, slots: slotsOf(component, config) };
  if (config.instanceThreads === 1) {
    const slots = sizes.slots === 0 ? 0 : sizes.slots + CALL_SLOTS;
    const memory = allocateTask({ ...sizes, slots });
    const parts = { memory, job, taskId, life, clock, random };
    // Its code is an executor's, which the gateway's thread of two has no use for.
    const { OneThread } = await import("./one_thread.ts");
    return { memory, executor: new OneThread(parts) };
  }
  const memory = allocateBridge({ ...sizes, ringBytes: config.instanceRingBytes });
  return { memory, executor: new TwoThreads({ memory, job, taskId, life }) };
}

function componentOf(
  { components }: TopologyDefinition,
  { component }: PackedInstance,
): ComponentDefinition {
  const found = components.find(({ name }) => name === component);
  if (found !== undefined) return found;
  throw new HeronError("corrupt", `Look up component "${component}": not in the job`);
}

/** Slots for the open tuples of a task; only spouts have such, and only where tuples are followed. */
function slotsOf(component: ComponentDefinition, config: SystemConfig): number {
  const isFollowed = config.topologyReliabilityMode !== "ATMOST_ONCE";
  return isFollowed && component.kind === "spout" ? config.topologyMaxSpoutPending : 0;
}
