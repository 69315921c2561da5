import { expect, test } from "bun:test";
import {
  type FailReason,
  type IBolt,
  type ISpout,
  type OutputCollector,
  type SpoutOutputCollector,
  type Topology,
  TopologyBuilder,
  type Tuple,
} from "../../api/mod.ts";
import { seededRandom } from "../../base/mod.ts";
import { systemConfigFrom } from "../../base/config/mod.ts";
import { PacketPeek } from "../../base/wire/mod.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import {
  AckReader,
  allocateSlots,
  CreditTable,
  decodeGrant,
  OUTCOME,
  PACKET_FIELD,
  SlotCloser,
  SlotOpener,
} from "../../tuples/mod.ts";
import { planOf } from "../../../tests/support/plans.ts";
import { TaskCore } from "./task_core.ts";

/** One task with the gateway's part of the acks. */
class AckedTask {
  readonly core: TaskCore;
  readonly credit = new CreditTable(new Int32Array(new SharedArrayBuffer(400)));
  readonly closer: SlotCloser;
  hasEnded = false;

  constructor(topology: Topology, taskId: number, write: (frame: Uint8Array) => void) {
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
        waitFor: () => false,
        requestTurn: () => {},
        progressed: () => {},
        ended: () => {
          this.hasEnded = true;
        },
        reported: () => {},
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
    } else {
      const grant = decodeGrant(frame, bodyStart, frame.length);
      this.credit.raise(grant.destinationTask, grant.limit);
    }
  }
}

/** All tasks of a topology, their frames passed on at once. */
class Line {
  readonly tasks = new Map<number, AckedTask>();
  #nowMs = 0;

  constructor(topology: Topology) {
    const plan = PhysicalPlan.from(planOf(topology.definition));
    for (const { taskId } of plan.tasks) {
      this.tasks.set(taskId, new AckedTask(topology, taskId, (frame) => this.#route(frame)));
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
class Numbers implements ISpout {
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

type Execute = (tuple: Tuple, collector: OutputCollector) => void;

function boltOf(execute: Execute, more: Partial<IBolt> = {}): IBolt {
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

/** Numbers → first → second, both shuffled; all groupings of `second` may be changed. */
function lineOf(
  spout: Numbers,
  first: IBolt,
  second: IBolt,
  options: { readonly isAll?: boolean } = {},
): Line {
  const builder = new TopologyBuilder("acked");
  builder.setSpout("numbers", spout);
  builder.setBolt("first", first).shuffleGrouping("numbers");
  const declarer = builder.setBolt("second", second, 2);
  if (options.isAll === true) declarer.allGrouping("first");
  else declarer.shuffleGrouping("first");
  return new Line(builder.createTopology({ "topology.reliability.mode": "ATLEAST_ONCE" }));
}

const ackAll: Execute = (tuple, collector) => collector.ack(tuple);
const passOn: Execute = (tuple, collector) => {
  collector.emit(tuple, tuple.getValues());
  collector.ack(tuple);
};

test("A spout hears of each tuple once all of its tree was acked, and ends then", () => {
  const spout = new Numbers(100);
  const line = lineOf(spout, boltOf(passOn), boltOf(ackAll), { isAll: true });
  line.run();
  expect(spout.told.toSorted()).toEqual(
    Array.from({ length: 100 }, (_, number) => `ack ${number}`).toSorted(),
  );
  expect(line.hasEnded).toBe(true);
});

test("A tuple that a bolt fails comes back to its spout, which emits it again after its end", () => {
  const spout = new Numbers(3);
  let refused = 0;
  const refuseOnce: Execute = (tuple, collector) => {
    if (tuple.getNumber(0) === 1 && refused++ === 0) collector.fail(tuple);
    else collector.ack(tuple);
  };
  const line = lineOf(spout, boltOf(passOn), boltOf(refuseOnce));
  line.run();
  expect(spout.told).toContain("failed 1");
  expect(spout.told.toSorted()).toEqual(["ack 0", "ack 1", "ack 2", "failed 1"]);
  expect(line.hasEnded).toBe(true);
});

test("A tuple anchored to two of one root does not cancel its own key", () => {
  const spout = new Numbers(1);
  const kept: Tuple[] = [];
  const seen: unknown[] = [];
  const split: Execute = (tuple, collector) => {
    collector.emit(tuple, [1]);
    collector.emit(tuple, [2]);
    collector.ack(tuple);
  };
  const builder = new TopologyBuilder("joined");
  builder.setSpout("numbers", spout);
  builder.setBolt("split", boltOf(split)).shuffleGrouping("numbers");
  builder.setBolt(
    "join",
    boltOf((tuple, collector) => {
      kept.push(tuple);
      if (kept.length < 2) return;
      const both = kept.splice(0);
      collector.emit(both, [3]);
      for (const one of both) collector.ack(one);
    }),
  ).shuffleGrouping("split");
  builder.setBolt(
    "last",
    boltOf((tuple) => void seen.push(tuple.getValue(0))),
  ).shuffleGrouping("join");
  const line = new Line(
    builder.createTopology({ "topology.reliability.mode": "ATLEAST_ONCE" }),
  );
  line.run();
  expect(seen).toEqual([3]);
  // Its last tuple was not acked: it is not done.
  expect(spout.told).toEqual([]);
  line.expire(1001);
  line.run(1);
  expect(spout.told).toEqual(["timeout 0"]);
});

/** Keeps what it gets; its nth flush acks all of it. */
function keeperOf(flushes: number): IBolt {
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

test("A bolt that keeps tuples back lets go of them on flush, and the run ends", () => {
  const spout = new Numbers(20);
  const line = lineOf(spout, boltOf(passOn), keeperOf(1));
  line.run();
  expect(spout.told.length).toBe(20);
  expect(line.hasEnded).toBe(true);
});

test("A spout whose input has ended asks for a flush again while something is open", () => {
  // Found by simulation: in a cycle a flush may pass before the tuple that it is for.
  const spout = new Numbers(5);
  const builder = new TopologyBuilder("kept");
  builder.setSpout("numbers", spout);
  builder.setBolt("keeper", keeperOf(3)).shuffleGrouping("numbers");
  const line = new Line(builder.createTopology({
    "topology.reliability.mode": "ATLEAST_ONCE",
    "topology.message.timeout.secs": 1,
  }));
  line.run(20);
  expect(spout.told).toEqual([]);
  line.run(40);
  expect(spout.told.length).toBe(5);
  expect(line.hasEnded).toBe(true);
});

test("A spout that may not be called to end again, its end taken back, asks for a flush as well", () => {
  // Found by simulation: only what is kept back would let it be called.
  class Eager extends Numbers {
    #collector: SpoutOutputCollector | undefined;
    #hasFailed = false;

    override open(config: unknown, context: unknown, collector: SpoutOutputCollector): void {
      this.#collector = collector;
      super.open(config, context, collector);
    }

    override fail(id: unknown, reason: FailReason): void {
      this.told.push(`${reason} ${id}`);
      // The first to fail comes again in three parts.
      for (let part = 0; part < (this.#hasFailed ? 1 : 3); part++) this.#collector?.emit([id], id);
      this.#hasFailed = true;
    }
  }
  const spout = new Eager(2);
  const builder = new TopologyBuilder("eager");
  builder.setSpout("numbers", spout).setMaxSpoutPending(3);
  builder.setBolt("keeper", keeperOf(2)).shuffleGrouping("numbers");
  const line = new Line(builder.createTopology({
    "topology.reliability.mode": "ATLEAST_ONCE",
    "topology.max.spout.pending": 3,
  }));
  line.run(10);
  expect(spout.told).toEqual([]);
  line.tasks.get(1)?.closer.failAll(OUTCOME.lost);
  line.run(10);
  expect(spout.told.toSorted()).toEqual(["ack 0", "ack 0", "ack 0", "ack 1", "lost 0", "lost 1"]);
  expect(line.hasEnded).toBe(true);
});

test("A tuple anchored to more than fits a batch is refused, and names its anchors", () => {
  // Found by simulation: its frame would not fit the ring.
  const kept: Tuple[] = [];
  const gather: Execute = (tuple, collector) => {
    kept.push(tuple);
    if (kept.length === 60) collector.emit(kept, [1]);
  };
  const builder = new TopologyBuilder("gather");
  builder.setSpout("numbers", new Numbers(60));
  builder.setBolt("gather", boltOf(gather)).shuffleGrouping("numbers");
  builder.setBolt("last", boltOf(ackAll)).shuffleGrouping("gather");
  const topology = builder.createTopology({
    "topology.reliability.mode": "ATLEAST_ONCE",
    "instance.batch.bytes": 1024,
    "spout.pending.start": 64,
  });
  expect(() => new Line(topology).run()).toThrow(
    /Emit from "gather" to stream "default": found a tuple of 1 B with \d+ B of roots, by its anchors, expected at most 1024 B/,
  );
});

test("A spout's end is refused where a cycle is fed at two places", () => {
  const builder = new TopologyBuilder("cycle");
  builder.setSpout("s", new Numbers(1));
  builder.setSpout("t", new Numbers(1));
  builder.setBolt("a", boltOf(ackAll)).shuffleGrouping("s").shuffleGrouping("b");
  builder.setBolt("b", boltOf(ackAll)).shuffleGrouping("t").shuffleGrouping("a");
  const topology = builder.createTopology({ "topology.reliability.mode": "ATLEAST_ONCE" });
  expect(() => new Line(topology).run()).toThrow(
    'End the input of spout "s": found the cycle a → b → a behind it, ' +
      "which is fed from outside at more than one component",
  );
});

test("What is open when a loss is settled fails once, as lost, and is emitted again", () => {
  const spout = new Numbers(5);
  let isDeaf = true;
  const line = lineOf(
    spout,
    boltOf(passOn),
    boltOf((tuple, collector) => {
      if (!isDeaf) collector.ack(tuple);
    }),
  );
  line.run(20);
  expect(spout.told).toEqual([]);
  isDeaf = false;
  line.tasks.get(1)?.closer.failAll(OUTCOME.lost);
  line.run();
  expect(spout.told.filter((one) => one.startsWith("lost")).length).toBe(5);
  expect(spout.told.filter((one) => one.startsWith("ack")).length).toBe(5);
  expect(line.hasEnded).toBe(true);
});

test("A spout is not called while a loss is not settled", () => {
  const spout = new Numbers(5);
  const line = lineOf(spout, boltOf(passOn), boltOf(ackAll));
  line.tasks.get(1)?.closer.pause(true);
  line.run(20);
  expect(line.tasks.get(1)?.core.emitter?.emitted).toBe(0);
  line.tasks.get(1)?.closer.pause(false);
  expect(line.tasks.get(1)?.core.canProceed()).toBe(true);
  line.run();
  expect(line.hasEnded).toBe(true);
});

test("A tuple of a stream that nobody reads is done at once", () => {
  const spout = new Numbers(3);
  const builder = new TopologyBuilder("unread");
  builder.setSpout("numbers", spout);
  const line = new Line(builder.createTopology({ "topology.reliability.mode": "ATLEAST_ONCE" }));
  line.run(10);
  expect(spout.told).toEqual(["ack 0", "ack 1", "ack 2"]);
  expect(line.hasEnded).toBe(true);
});

test("Acking a tuple twice, or emitting anchored to an acked one, is refused by name", () => {
  const faults: string[] = [];
  const twice: Execute = (tuple, collector) => {
    collector.ack(tuple);
    for (
      const act of [
        () => collector.ack(tuple),
        () => collector.fail(tuple),
        () => collector.emit(tuple, [0]),
      ]
    ) {
      try {
        act();
      } catch (thrown) {
        faults.push(thrown instanceof Error ? thrown.message : "");
      }
    }
  };
  const line = lineOf(new Numbers(1), boltOf(twice), boltOf(ackAll));
  line.run();
  expect(faults.length).toBe(3);
  for (const fault of faults) expect(fault).toContain("it was acked or failed before");
});
