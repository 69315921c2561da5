/**
 * The executor thread of an instance: a Worker of the same binary. It builds
 * the user's topology from the bundle, makes the task core, and runs it; what
 * user code throws is told to the gateway as text, with its mapped stack.
 */

import { fromBinary } from "@bufbuild/protobuf";
import type { Topology } from "../../api/mod.ts";
import {
  collectAtRest,
  HeronError,
  type Random,
  systemClock,
  systemRandom,
} from "../../base/mod.ts";
import { systemConfigFrom } from "../../base/config/mod.ts";
import { PlanUpdateSchema } from "../../base/gen/heron_bin/packet_pb.ts";
import {
  callFactory,
  type CheckedJob,
  decodeJob,
  describeDifference,
  importBundle,
  logicalPlanFromProto,
  PhysicalPlan,
  planHash,
  registerUserApi,
} from "../../plan/mod.ts";
import { CreditTable, Doorbell, RingReader, RingWriter, SlotOpener } from "../../tuples/mod.ts";
import type { BridgeMemory, PostedFailure, ToExecutor, ToGateway } from "../bridge.ts";
import { Counters } from "./counters.ts";
import { Executor } from "./executor.ts";
import { RingSink } from "./ring_sink.ts";
import { TaskCore } from "./task_core.ts";
import { FatalUserError, type TaskTotals } from "./work.ts";

/** The two ways of a Worker to speak with its parent. */
interface Port {
  postMessage(message: ToGateway): void;
  onmessage: ((event: { data: ToExecutor }) => void) | null;
}

type Start = ToExecutor & { kind: "start" };

/** Runs the executor of one instance in this Worker. */
export function runExecutorThread(): void {
  // A Worker's global scope is its port; the types know only the main thread's.
  const port = globalThis as unknown as Port;
  const early: ToExecutor[] = [];
  listen(port, early);
  port.postMessage({ kind: "up" });
}

function listen(port: Port, early: ToExecutor[]): void {
  port.onmessage = ({ data }) => {
    if (data.kind !== "start") {
      early.push(data);
      return;
    }
    run(port, data, early).catch((thrown: unknown) => {
      port.postMessage({ kind: "failed", failure: failureOf(thrown) });
    });
  };
}

async function run(port: Port, start: Start, early: readonly ToExecutor[]): Promise<void> {
  guardThread(port);
  const job = decodeJob(start.job);
  const topology = await buildTopology(job);
  const { core, executor, counters } = createExecutor(port, start, { job, topology });
  const take = (message: ToExecutor): void => {
    switch (message.kind) {
      case "plan": {
        const plan = PhysicalPlan.from(fromBinary(PlanUpdateSchema, message.update));
        core.takePlan(plan);
        counters.takePlan(plan);
        break;
      }
      case "peerUp":
        core.peerUp(message.stmgr);
        break;
      case "linkUp":
        core.linkUp();
        break;
      case "endedBefore":
        core.endBefore();
        break;
      case "drain":
        core.drain();
        break;
      case "close":
        executor.close();
        return;
      case "start":
        throw new HeronError("protocol", "Start the executor: it runs already");
    }
    executor.requestTurn();
  };
  for (const message of early) take(message);
  port.onmessage = ({ data }) => take(data);
  port.postMessage({ kind: "loaded" });
  const rest = collectAtRest({
    clock: systemClock,
    done: () => workOf(core.totals()),
    collect: () => Bun.gc(true),
  });
  await executor.run();
  rest.cancel();
  await core.close();
  port.postMessage({ kind: "closed" });
}

/**
 * What user code does behind the executor's back fails the task with the user's line, as what
 * it throws does: a promise or a timer of its own that fails, the end of the process.
 */
function guardThread(port: Port): void {
  function fail(thrown: unknown): void {
    port.postMessage({ kind: "failed", failure: failureOf(new FatalUserError(thrown)) });
  }
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  function exit(code?: number): never {
    const found = code === undefined ? "process.exit()" : `process.exit(${code})`;
    const error = new HeronError(
      "user_code",
      `Run user code: found a call of ${found}, expected that a task ends with its input`,
    );
    fail(error);
    // It never returns, as the real one; should it be caught, the task has failed all the same.
    throw error;
  }
  Object.defineProperty(process, "exit", { value: exit });
}

function createExecutor(
  port: Port,
  start: Start,
  { job, topology }: { job: CheckedJob; topology: Topology },
) {
  const { memory, taskId } = start;
  const bells = bellsOf(memory);
  const sink = new RingSink(new RingWriter(memory.dataOut, bells.gateway));
  const random: Random = systemRandom();
  const core = new TaskCore({
    taskId,
    life: { epoch: start.epoch, counter: start.counter },
    topology,
    config: systemConfigFrom(logicalPlanFromProto(job.topology).config),
    ports: {
      sink,
      credit: new CreditTable(new Int32Array(memory.credit)),
      random,
      slots: memory.slots === undefined ? undefined : new SlotOpener(memory.slots),
      nowMs: () => systemClock.nowMs(),
      waitFor: (isReady) => executor.waitFor(isReady),
      requestTurn: () => executor.requestTurn(),
      ended: (totals) => port.postMessage({ kind: "ended", totals: postedTotals(totals) }),
      progressed: () => port.postMessage({ kind: "progressed" }),
      reported: (error) => port.postMessage({ kind: "reported", failure: failureOf(error) }),
    },
  });
  const counters = new Counters(new Float64Array(memory.counters), core);
  const executor = new Executor({
    core,
    dataIn: new RingReader(memory.dataIn, bells.gateway),
    sink,
    bell: bells.executor,
    clock: systemClock,
    afterTurn: () => counters.show(),
  });
  return { core, executor, counters };
}

function bellsOf(memory: BridgeMemory): { gateway: Doorbell; executor: Doorbell } {
  return {
    gateway: new Doorbell(new Int32Array(memory.gatewayBell)),
    executor: new Doorbell(new Int32Array(memory.executorBell)),
  };
}

/** Builds the topology as it was built at submit, and compares. */
async function buildTopology(job: CheckedJob): Promise<Topology> {
  registerUserApi();
  let topology: Topology;
  try {
    const module = await importBundle(job.bundle);
    topology = await callFactory(module["default"], job.arguments);
  } catch (thrown) {
    throw thrown instanceof HeronError ? thrown : new FatalUserError(thrown);
  }
  const { definition } = topology;
  const named = definition.name === "" ? { ...definition, name: job.topologyName } : definition;
  const hash = await planHash(named);
  if (Buffer.compare(hash, job.planHash) !== 0) {
    const submitted = logicalPlanFromProto(job.topology);
    throw new HeronError(
      "unstable_topology",
      `Build the topology again: found another plan than was submitted, expected the same:\n${
        describeDifference(submitted, named)
      }`,
    );
  }
  return topology;
}

function workOf({ emitted, executed }: TaskTotals): number {
  return emitted + executed;
}

function postedTotals(totals: TaskTotals) {
  const { component, emitted, executed, acked, failed, dropped } = totals;
  return { component, emitted, executed, acked, failed, dropped: [...dropped] };
}

/** What was thrown, as text; the user's own error when it is wrapped. */
function failureOf(thrown: unknown): PostedFailure {
  const error = thrown instanceof FatalUserError ? thrown.cause : thrown;
  const code = error instanceof HeronError
    ? error.code
    : thrown instanceof FatalUserError
    ? "user_code"
    : "internal";
  if (!(error instanceof Error)) {
    return { code, message: `thrown: ${Bun.inspect(error)}`, stack: "" };
  }
  const name = error instanceof HeronError ? "" : `${error.name}: `;
  return { code, message: `${name}${error.message}`, stack: error.stack ?? "" };
}
