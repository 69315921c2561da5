/** One task without threads and sockets: its packets are kept, and passed on by hand. */

import { type IBolt, type ISpout, type Topology, TopologyBuilder } from "../../src/api/mod.ts";
import { seededRandom } from "../../src/base/mod.ts";
import { systemConfigFrom } from "../../src/base/config/mod.ts";
import { PacketPeek } from "../../src/base/wire/mod.ts";
import { TaskCore } from "../../src/instance/executor/task_core.ts";
import type { TaskPorts } from "../../src/instance/executor/task_ports.ts";
import type { TaskTeller } from "../../src/instance/executor/onlookers.ts";
import type { TaskTotals } from "../../src/instance/executor/work.ts";
import { PhysicalPlan } from "../../src/plan/mod.ts";
import {
  CreditTable,
  decodeGrant,
  decodeMarker,
  type Marker,
  PACKET_FIELD,
} from "../../src/tuples/mod.ts";
import { planOf } from "./plans.ts";

/** Small windows: credit runs out soon. */
export const BENCH_CONFIG = {
  "instance.receive.bytes": 65536,
  "channel.initial.credit.bytes": 4096,
};

/** How it begins. */
export interface BenchOptions {
  readonly hasEndedBefore?: boolean;
  /** The topology is deactivated. @default false */
  readonly isPaused?: boolean;
  /** Whether its end is stored as soon as it is told. @default true */
  readonly isEndStored?: boolean;
  readonly isEndStoredFirst?: boolean;
}

/** One task of a topology, its packets kept and passed on by hand. */
export class TaskBench {
  readonly core: TaskCore;
  readonly frames: { body: number; bytes: Uint8Array; bodyStart: number }[] = [];
  readonly ended: TaskTotals[] = [];
  /** What the task told of itself, in order. */
  readonly told: { kind: keyof TaskTeller; what: unknown; count?: number }[] = [];
  readonly credit: CreditTable;
  hasRoom = true;
  nowMs = 0;

  constructor(topology: Topology, taskId: number, options: BenchOptions = {}) {
    const { isPaused = false } = options;
    const plan = PhysicalPlan.from(planOf(topology.definition, { isPaused }));
    this.credit = new CreditTable(new Int32Array(new SharedArrayBuffer(400)));
    const ports: TaskPorts = {
      sink: {
        write: (bytes, start, end) => this.#keep(bytes.slice(start, end)),
        hasRoom: () => this.hasRoom,
      },
      credit: this.credit,
      random: seededRandom(1),
      nowMs: () => this.readMs(),
      waitFor: () => false,
      progressed: () => {},
      requestTurn: () => {},
      ended: (totals) => {
        this.ended.push(totals);
        if (options.isEndStored !== false) this.core.endStored();
      },
      reported: (what, count) => void this.told.push({ kind: "reported", what, count }),
      published: (metrics) => {
        // Those of `GlobalMetrics` are of all tests of this process.
        const what = metrics.filter(({ name }) => !name.startsWith("__auto__/"));
        this.told.push({ kind: "published", what });
      },
      emitted: (what, count) => void this.told.push({ kind: "emitted", what, count }),
    };
    this.core = new TaskCore({
      taskId,
      life: { epoch: 1, counter: taskId },
      topology,
      config: systemConfigFrom(topology.definition.config),
      ports,
    });
    if (options.hasEndedBefore === true) this.core.endBefore();
    if (options.isEndStoredFirst === true) this.core.endStored();
    this.core.takePlan(plan);
  }

  /** What the task reads on its clock. */
  readMs(): number {
    return this.nowMs;
  }

  #keep(bytes: Uint8Array): void {
    const peek = new PacketPeek();
    const lengthBytes = bytes.findIndex((byte) => byte < 0x80) + 1;
    peek.peek(bytes, lengthBytes, bytes.length);
    this.frames.push({ body: peek.body, bytes, bodyStart: peek.bodyStart });
  }

  /** Takes the frames sent to `task` out. */
  take(task: number): typeof this.frames {
    const isForTask = (frame: (typeof this.frames)[number]) =>
      frame.bytes[frame.bodyStart + 1] === task;
    const taken = this.frames.filter(isForTask);
    const rest = this.frames.filter((frame) => !isForTask(frame));
    this.frames.length = 0;
    this.frames.push(...rest);
    return taken;
  }

  give(frames: typeof this.frames): void {
    for (const { body, bytes, bodyStart } of frames) {
      if (body === PACKET_FIELD.batch) this.core.takeBatch(bytes, bodyStart, bytes.length);
      else if (body === PACKET_FIELD.marker) this.core.takeMarker(bytes, bodyStart, bytes.length);
      else {
        const grant = decodeGrant(bytes, bodyStart, bytes.length);
        this.credit.raise(grant.destinationTask, grant.limit);
      }
    }
  }

  turns(count = 5): void {
    for (let turn = 0; turn < count; turn++) this.core.turn(turn);
  }

  markers(): Marker[] {
    return this.frames.filter((frame) => frame.body === PACKET_FIELD.marker)
      .map(({ bytes, bodyStart }) => decodeMarker(bytes, bodyStart, bytes.length));
  }
}

/** What its topology is made of. */
export interface BenchParts {
  readonly spout?: Partial<ISpout>;
  readonly bolt?: Partial<IBolt>;
  readonly tuples?: number;
  readonly padding?: number;
}

/** A spout of `tuples` tuples, and a bolt behind it. */
export function benchTopology(
  { spout, bolt, tuples = 3, padding = 10 }: BenchParts = {},
): Topology {
  let sent = 0;
  let collector: Parameters<NonNullable<ISpout["open"]>>[2] | undefined;
  const builder = new TopologyBuilder("bench");
  builder.setSpout("source", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      if (sent === tuples) collector?.end();
      else collector?.emit([sent++, "x".repeat(padding)]);
    },
    declareOutputFields: (declarer) => declarer.declare(["number", "padding"]),
    ...spout,
  });
  builder.setBolt("sink", { execute() {}, ...bolt }).fieldsGrouping("source", ["number"]);
  return builder.createTopology(BENCH_CONFIG);
}
