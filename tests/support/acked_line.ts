/**
 * All tasks of a small topology in one thread, with the gateways' part of the acks: for tests of
 * what spouts and bolts do at least once.
 */

import {
  type FailReason,
  type IBolt,
  type ISpout,
  type OutputCollector,
  type SpoutOutputCollector,
  type Topology,
  TopologyBuilder,
  type Tuple,
} from "../../src/api/mod.ts";
import { seededRandom } from "../../src/base/mod.ts";
import { systemConfigFrom } from "../../src/base/config/mod.ts";
import { PacketPeek } from "../../src/base/wire/mod.ts";
import { PhysicalPlan } from "../../src/plan/mod.ts";
import {
  AckReader,
  allocateSlots,
  CreditTable,
  decodeGrant,
  PACKET_FIELD,
  SlotCloser,
  SlotOpener,
} from "../../src/tuples/mod.ts";
import { planOf } from "./plans.ts";
import { TaskCore } from "../../src/instance/executor/task_core.ts";

/** One task with the gateway's part of the acks. */
export class AckedTask {
  readonly core: TaskCore;
  readonly credit = new CreditTable(new Int32Array(new SharedArrayBuffer(400)));
  readonly closer: SlotCloser;
  hasEnded = false;
  hasProgressed = false;
  readonly reported: string[] = [];
  /** The methods that were shown as called, in order. */
  readonly called: string[] = [];

  constructor(
    topology: Topology,
    taskId: number,
    { write, nowMs }: { write(frame: Uint8Array): void; nowMs(): number },
  ) {
    const slots = allocateSlots(64);
    this.closer = new SlotCloser(slots, { timeoutMs: 1000 });
    this.core = new TaskCore({
      taskId,
      life: { epoch: 1, counter: taskId },
      topology,
      config: systemConfigFrom(topology.definition.config),
      ports: {
        sink: {
          write: (bytes, start, end) => write(bytes.slice(start, end)),
          hasRoom: () => true,
        },
        credit: this.credit,
        slots: new SlotOpener(slots),
        random: seededRandom(taskId),
        nowMs,
        waitFor: () => false,
        requestTurn: () => {},
        calling: (method) => void this.called.push(method),
        progressed: () => {
          this.hasProgressed = true;
        },
        ended: () => {
          this.hasEnded = true;
          this.core.endStored();
        },
        reported: ({ message }) => void this.reported.push(message),
      },
    });
  }

  take(frame: Uint8Array, nowMs: number): void {
    const peek = new PacketPeek();
    peek.peek(frame, frame.findIndex((byte) => byte < 0x80) + 1, frame.length);
    const { body, bodyStart } = peek;
    if (body === PACKET_FIELD.batch) this.core.takeBatch(frame, bodyStart, frame.length);
    else if (body === PACKET_FIELD.marker) this.core.takeMarker(frame, bodyStart, frame.length);
    else if (body === PACKET_FIELD.acks) {
      const acks = new AckReader();
      acks.open(frame, bodyStart, frame.length);
      while (acks.next()) this.closer.apply(acks, nowMs);
      this.closer.tellClosed();
    } else {
      const grant = decodeGrant(frame, bodyStart, frame.length);
      this.credit.raise(grant.destinationTask, grant.limit);
    }
  }
}

/** All tasks of a topology, their frames passed on at once. */
export class Line {
  readonly tasks = new Map<number, AckedTask>();
  #nowMs = 0;

  constructor(topology: Topology) {
    const plan = PhysicalPlan.from(planOf(topology.definition));
    for (const { taskId } of plan.tasks) {
      this.tasks.set(
        taskId,
        new AckedTask(topology, taskId, {
          write: (frame) => this.#route(frame),
          nowMs: () => this.#nowMs,
        }),
      );
    }
    for (const { core } of this.tasks.values()) core.takePlan(plan);
  }

  #route(frame: Uint8Array): void {
    const peek = new PacketPeek();
    peek.peek(frame, frame.findIndex((byte) => byte < 0x80) + 1, frame.length);
    this.tasks.get(frame[peek.bodyStart + 1] ?? 0)?.take(frame, this.#nowMs);
  }

  run(rounds = 100): void {
    for (let round = 0; round < rounds; round++) {
      this.#nowMs += 10;
      for (const { core } of this.tasks.values()) core.turn(this.#nowMs);
    }
  }

  /** The same, with time for promises between the turns. */
  async runAsync(rounds = 100): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      this.run(1);
      for (let step = 0; step < 5; step++) await Promise.resolve();
    }
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  expire(afterMs: number): void {
    for (const look of [0, afterMs]) {
      this.#nowMs += look;
      for (const { closer } of this.tasks.values()) closer.expire(this.#nowMs);
    }
  }

  get hasEnded(): boolean {
    return [...this.tasks.values()].every((task) => task.hasEnded);
  }
}

/** Emits the numbers below `count` with themselves as ids, and again those that fail. */
export class Numbers implements ISpout {
  readonly told: string[] = [];
  readonly #count: number;
  readonly #again: number[] = [];
  #next = 0;
  #collector: SpoutOutputCollector | undefined;

  constructor(count: number) {
    this.#count = count;
  }

  open(_config: unknown, _context: unknown, collector: SpoutOutputCollector): void {
    this.#collector = collector;
  }

  nextTuple(): void {
    const number = this.#again.shift() ?? (this.#next < this.#count ? this.#next++ : undefined);
    if (number === undefined) this.#collector?.end();
    else this.#collector?.emit([number], number);
  }

  ack(id: unknown): void {
    this.told.push(`ack ${id}`);
  }

  fail(id: unknown, reason: FailReason): void {
    this.told.push(`${reason} ${id}`);
    this.#again.push(Number(id));
  }

  declareOutputFields(declarer: { declare(fields: string[]): void }): void {
    declarer.declare(["number"]);
  }
}

/** What a bolt does with a tuple. */
export type Execute = (tuple: Tuple, collector: OutputCollector) => void;

/** A bolt of one function. */
export function boltOf(execute: Execute, more: Partial<IBolt> = {}): IBolt {
  let collector: OutputCollector | undefined;
  return {
    prepare(_config, _context, given) {
      collector = given;
    },
    execute: (tuple) => {
      if (collector !== undefined) execute(tuple, collector);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
    ...more,
  };
}

/** At least once, and all tuples of a test may be open together. */
export const FOLLOWED = Object.freeze({
  "topology.reliability.mode": "ATLEAST_ONCE",
  "spout.pending.start": 64,
});

/** Numbers → `first` → two tasks of `second`; `isAll`: each tuple goes to both. */
export function lineOf(
  spout: Numbers,
  { first, second, isAll = false }: { first: IBolt; second: IBolt; isAll?: boolean },
): Line {
  const builder = new TopologyBuilder("acked");
  builder.setSpout("numbers", spout);
  builder.setBolt("first", first).shuffleGrouping("numbers");
  const declarer = builder.setBolt("second", second, 2);
  if (isAll) declarer.allGrouping("first");
  else declarer.shuffleGrouping("first");
  return new Line(builder.createTopology(FOLLOWED));
}

/** Acks each tuple. */
export function ackAll(tuple: Tuple, collector: OutputCollector): void {
  collector.ack(tuple);
}

/** Emits each tuple anew, anchored, and acks it. */
export function passOn(tuple: Tuple, collector: OutputCollector): void {
  collector.emit(tuple, tuple.getValues());
  collector.ack(tuple);
}

/** Keeps what it gets; its nth flush acks all of it. */
export function keeperOf(flushes: number): IBolt {
  const kept: Tuple[] = [];
  let collector: OutputCollector | undefined;
  let seen = 0;
  return {
    prepare(_config, _context, given) {
      collector = given;
    },
    execute: (tuple) => void kept.push(tuple),
    flush: () => {
      if (++seen < flushes) return;
      for (const tuple of kept.splice(0)) collector?.ack(tuple);
    },
  };
}
