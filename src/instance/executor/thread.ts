/**
 * The executor thread of an instance: a Worker of the same binary. It builds
 * the user's topology from the bundle and runs its task; what user code throws
 * is told to the gateway as text, with its mapped stack.
 */

import { collectAtRest, systemClock, systemRandom } from "../../base/mod.ts";
import { Doorbell, RingReader, RingWriter } from "../../tuples/mod.ts";
import type { ToExecutor, ToGateway } from "../bridge.ts";
import { failureOf } from "./failure.ts";
import { guardUserCode } from "./guard_user_code.ts";
import { loadTopology } from "./load_topology.ts";
import { RingSink } from "./ring_sink.ts";
import { TaskRun } from "./task_run.ts";

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
  guardUserCode((failure) => port.postMessage({ kind: "strayed", failure }));
  const task = await createTask(port, start);
  for (const message of early) task.take(message);
  port.onmessage = ({ data }) => task.take(data);
  port.postMessage({ kind: "loaded" });
  const rest = collectAtRest({
    clock: systemClock,
    done: () => task.workDone,
    collect: () => {
      Bun.gc(true);
      task.collected();
    },
  });
  await task.executor.run();
  rest.cancel();
  await task.close();
  port.postMessage({ kind: "closed" });
}

async function createTask(port: Port, { memory, job, ...start }: Start): Promise<TaskRun> {
  const topology = await loadTopology(job);
  const gatewayBell = new Doorbell(new Int32Array(memory.gatewayBell));
  return new TaskRun({
    taskId: start.taskId,
    life: { epoch: start.epoch, counter: start.counter },
    job,
    topology,
    memory,
    dataIn: new RingReader(memory.dataIn, gatewayBell),
    sink: new RingSink(new RingWriter(memory.dataOut, gatewayBell)),
    bell: new Doorbell(new Int32Array(memory.executorBell)),
    mayBlock: true,
    clock: systemClock,
    random: systemRandom(),
    tell: (message) => port.postMessage(message),
  });
}
