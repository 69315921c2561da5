/** A topology master's core of a topology of two containers, its ports kept, and links to stream managers. */

import { create } from "@bufbuild/protobuf";
import { TopologyBuilder } from "../../src/api/mod.ts";
import {
  type PlanUpdate,
  type RegisterStmgr,
  RegisterStmgrSchema,
  type TaskEnded,
  TaskEndedSchema,
  type TaskTotals,
} from "../../src/base/gen/heron_bin/packet_pb.ts";
import { decodePacket, type PacketInit } from "../../src/base/wire/mod.ts";
import { type StmgrLink, TmCore } from "../../src/tm/tm_core.ts";
import type { TmStored } from "../../src/tm/tm_store.ts";
import { pack } from "./plans.ts";

/** A link to a stream manager that keeps what it is sent. */
export class FakeLink implements StmgrLink {
  readonly sent: (string | undefined)[] = [];
  /** The newest. */
  plan: PlanUpdate | undefined;
  /** The tasks of which it was told that their ends are stored, each time. */
  readonly endsStored: (readonly number[])[] = [];
  closed: string | undefined;

  send({ body }: PacketInit): void {
    this.sent.push(body?.case);
    if (body?.case === "endsStored") this.endsStored.push(body.value.tasks ?? []);
  }

  sendFrame(bytes: Uint8Array, start: number, end: number): void {
    const packetStart = bytes.findIndex((byte, at) => at >= start && byte < 0x80) + 1;
    const { body } = decodePacket(bytes, packetStart, end);
    this.sent.push(body.case);
    if (body.case === "planUpdate") this.plan = body.value;
  }

  close(reason?: string): void {
    this.closed = reason;
  }
}

/** A core, and what it asked of its ports. */
export interface TmBench {
  readonly core: TmCore;
  readonly stored: PlanUpdate[];
  /** The ends that were to be stored, each time. */
  readonly ends: (readonly TaskEnded[])[];
  readonly running: number[];
  readonly ended: (readonly TaskTotals[])[];
  readonly stalled: string[];
}

/** A core that begins with what is stored. */
export function openCore(stored?: TmStored, leaseNumber = 5n): TmBench {
  const builder = new TopologyBuilder("two");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  }, 2);
  builder.setBolt("sink", { execute() {} }, 2).shuffleGrouping("source");
  const { definition } = builder.createTopology({ "topology.stmgrs": 2 });
  const bench: Omit<TmBench, "core"> = {
    stored: [],
    ends: [],
    running: [],
    ended: [],
    stalled: [],
  };
  const core = new TmCore({
    ...pack(definition),
    schedulerEpoch: 1,
    leaseNumber,
    ...(stored === undefined ? {} : { stored }),
    cycleStallMs: 10_000,
    ports: {
      storePlan: (update) => void bench.stored.push(update),
      storeEnds: (ended) => void bench.ends.push(ended),
      running: (tasks) => void bench.running.push(tasks),
      ended: (totals) => void bench.ended.push(totals),
      stalled: (cycle) => void bench.stalled.push(cycle),
      report: () => {},
    },
  });
  return { ...bench, core };
}

/** What a master under which the topology runs has stored. */
export function storedPlan(): PlanUpdate {
  const { core, stored } = openCore();
  core.registerStmgr(new FakeLink(), recordOf(1));
  core.registerStmgr(new FakeLink(), recordOf(2));
  const [update] = stored;
  if (update === undefined) throw new TypeError("No plan");
  return update;
}

/** What a stream manager registers with. */
export function recordOf(
  container: 1 | 2,
  options: { port?: number; counter?: number } = {},
): RegisterStmgr {
  const tasks = container === 1 ? [1, 3] : [2, 4];
  return create(RegisterStmgrSchema, {
    stmgr: {
      id: `stmgr-${container}`,
      hostName: "127.0.0.1",
      dataPort: options.port ?? 7000 + container,
      localEndpoint: "/unused",
    },
    incarnation: { epoch: 1, counter: options.counter ?? 1 },
    instances: tasks.map((taskId) => ({
      instanceId: `i${taskId}`,
      stmgrId: `stmgr-${container}`,
      info: { taskId, componentIndex: 0, componentName: taskId < 3 ? "source" : "sink" },
    })),
    tasks: tasks.map((task) => ({ task, incarnation: { epoch: 1, counter: task } })),
  });
}

/** The end of a task. */
export function endOf(task: number) {
  return create(TaskEndedSchema, { task, totals: { component: "x", emitted: 1n } });
}

/** The tasks that ended. */
export function tasksOf(ended: readonly TaskEnded[]): number[] {
  return ended.map(({ task }) => task);
}
