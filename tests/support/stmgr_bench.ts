/** What tests of the stream manager's core share: a core of one of two containers, links that keep what is sent. */

import { TopologyBuilder, type TopologyDefinition } from "../../src/api/mod.ts";
import type { LossNotice } from "../../src/base/gen/heron_bin/packet_pb.ts";
import { decodePacket, encodeFrame } from "../../src/base/wire/mod.ts";
import { type Link, type PeerAddress, StmgrCore, type StmgrOptions } from "../../src/stmgr/mod.ts";
import {
  encodeChannelHeader,
  encodeMarker,
  MARKER_KIND,
  type TaskLife,
} from "../../src/tuples/mod.ts";

/** A link that keeps what is sent. */
export class FakeLink implements Link {
  readonly frames: Uint8Array[] = [];
  queuedBytes = 5;
  closed: string | undefined;

  sendFrame(bytes: Uint8Array, start: number, end: number): void {
    this.frames.push(bytes.slice(start, end));
  }

  close(reason?: string): void {
    this.closed = reason;
  }

  get #packets() {
    return this.frames.map((frame) => {
      const prefix = frame.findIndex((byte) => byte < 0x80) + 1;
      return decodePacket(frame, prefix, frame.length).body;
    });
  }

  /** The bodies of what was sent; notices as "task 3 lost", "stmgr-1 / stmgr-2 lost" or "... settled". */
  get bodies(): (string | undefined)[] {
    return this.#packets.map((body) =>
      body.case === "lossNotice" ? describeNotice(body.value) : body.case
    );
  }

  /** The notices that were sent. */
  get notices(): LossNotice[] {
    return this.#packets.flatMap((body) => body.case === "lossNotice" ? [body.value] : []);
  }

  /** The back pressure that was told, one list of culprits each time. */
  get pressures(): number[][] {
    return this.#packets.flatMap((body) =>
      body.case === "backPressure" ? [body.value.culprits] : []
    );
  }

  /** What `bodies` are from now on. */
  clear(): void {
    this.frames.length = 0;
  }
}

function describeNotice({ lost, settled }: LossNotice): string {
  if (lost.case === "task") return `task ${lost.value} lost`;
  if (lost.case !== "link") return `${lost.case}`;
  const { firstStmgr, secondStmgr } = lost.value;
  return `${firstStmgr} / ${secondStmgr} ${settled ? "settled" : "lost"}`;
}

/** Spout (tasks 1, 2) and bolt (tasks 3, 4) over two containers: odd tasks in 1, even in 2. */
export function twoByTwo(): TopologyDefinition {
  const builder = new TopologyBuilder("two");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  }, 2);
  builder.setBolt("sink", { execute() {} }, 2).shuffleGrouping("source");
  return builder.createTopology({ "topology.stmgrs": 2 }).definition;
}

/** A core, and what it asked of its shell. */
export interface StmgrBench {
  readonly core: StmgrCore;
  readonly dialled: PeerAddress[];
  /** Tasks told to have ended, and those told to be stuck as negative numbers. */
  readonly told: number[];
  readonly reports: string[];
  readonly replaced: string[];
  registrations: number;
}

/** How long a loss takes to settle, in milliseconds. */
export const SETTLE_MS = 200;

/** The core of a container's stream manager. */
export function openCore(container = 1, change: Partial<StmgrOptions> = {}): StmgrBench {
  const tasks = container === 1 ? [1, 3] : container === 2 ? [2, 4] : [];
  const bench: Omit<StmgrBench, "core"> = {
    dialled: [],
    told: [],
    reports: [],
    replaced: [],
    registrations: 0,
  };
  const core = new StmgrCore({
    stmgrId: `stmgr-${container}`,
    life: { epoch: 1, counter: 1 },
    localTasks: tasks.map((taskId) => ({
      taskId,
      instanceId: `container_${container}_x_${taskId}`,
      component: taskId < 3 ? "source" : "sink",
      componentIndex: 0,
      reaches: taskId < 3 ? new Set([3, 4]) : undefined,
    })),
    lossSettleMs: SETTLE_MS,
    acksMergeBytes: 1000,
    backpressureReportMs: 100,
    nowMs: () => 0,
    ports: {
      dial: (peer) => void bench.dialled.push(peer),
      registerNow: () => void bench.registrations++,
      tellTm: (ended) => void bench.told.push(ended.task),
      tellStuck: (stuck) => void bench.told.push(-stuck.task),
      replaced: (reason) => void bench.replaced.push(reason),
      report: (event) => void bench.reports.push(event),
    },
    ...change,
  });
  return Object.assign(bench, { core });
}

/** Registers a task on a new link. */
export function register(
  core: StmgrCore,
  taskId: number,
  life: TaskLife = { epoch: 1, counter: 1 },
): FakeLink {
  const link = new FakeLink();
  core.registerInstance(link, { taskId, life, answer: () => {} });
  return link;
}

/** A frame of the tuple path for `task`, as it was received. */
export function frameFor(task: number, offset = 0) {
  const header = encodeChannelHeader({
    destinationTask: task,
    sourceTask: 1,
    sourceEpoch: 1,
    sourceCounter: 1,
    planVersion: 1,
    restoreEpoch: 0,
  });
  const bytes = encodeMarker(header, { offset, kind: MARKER_KIND.end });
  return { bytes, start: 0, bodyStart: 3, end: bytes.length };
}

/** A frame of one ack, as it was received: for root `slot` of the first life of a spout task. */
export function acksFor(spoutTask: number, slot: number, xorLow: number) {
  const bytes = encodeFrame({
    body: {
      case: "acks",
      value: {
        spoutTask,
        spoutEpoch: 1,
        spoutCounter: 1,
        records: [{ slot, generation: 1, xorLow: xorLow >>> 0, xorHigh: 0 }],
      },
    },
  });
  return { bytes, start: 0, bodyStart: 3, end: bytes.length };
}
