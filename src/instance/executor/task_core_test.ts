import { expect, test } from "bun:test";
import {
  type IBolt,
  type ISpout,
  type OutputCollector,
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
  CreditTable,
  decodeGrant,
  decodeMarker,
  type Marker,
  MARKER_KIND,
  PACKET_FIELD,
} from "../../tuples/mod.ts";
import { soleFrame } from "../../../tests/support/encoded_tuples.ts";
import { planOf } from "../../../tests/support/plans.ts";
import { TaskCore } from "./task_core.ts";
import type { TaskPorts } from "./task_ports.ts";
import type { TaskTotals } from "./work.ts";

const CONFIG = { "instance.receive.bytes": 65536, "channel.initial.credit.bytes": 4096 };

/** One task of a topology, its packets kept and passed on by hand. */
class Bench {
  readonly core: TaskCore;
  readonly frames: { body: number; bytes: Uint8Array; bodyStart: number }[] = [];
  readonly ended: TaskTotals[] = [];
  readonly credit: CreditTable;
  hasRoom = true;

  constructor(topology: Topology, taskId: number, options: { hasEndedBefore?: boolean } = {}) {
    const plan = PhysicalPlan.from(planOf(topology.definition));
    this.credit = new CreditTable(new Int32Array(new SharedArrayBuffer(400)));
    const ports: TaskPorts = {
      sink: {
        write: (bytes, start, end) => this.#keep(bytes.slice(start, end)),
        hasRoom: () => this.hasRoom,
      },
      credit: this.credit,
      random: seededRandom(1),
      nowMs: () => 0,
      waitFor: () => false,
      progressed: () => {},
      requestTurn: () => {},
      ended: (totals) => this.ended.push(totals),
      reported: () => {},
    };
    this.core = new TaskCore({
      taskId,
      life: { epoch: 1, counter: taskId },
      topology,
      config: systemConfigFrom(topology.definition.config),
      ports,
    });
    if (options.hasEndedBefore === true) this.core.endBefore();
    this.core.takePlan(plan);
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

interface Parts {
  readonly spout?: Partial<ISpout>;
  readonly bolt?: Partial<IBolt>;
  readonly tuples?: number;
  readonly padding?: number;
}

function topologyOf({ spout, bolt, tuples = 3, padding = 10 }: Parts = {}): Topology {
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
  return builder.createTopology(CONFIG);
}

test("A spout task syncs first, then sends its tuples, then ends and tells its counts", () => {
  const bench = new Bench(topologyOf(), 1);
  bench.turns();
  const kinds = bench.frames.map(({ body }) => body);
  expect(kinds).toEqual([PACKET_FIELD.marker, PACKET_FIELD.batch, PACKET_FIELD.marker]);
  expect(bench.markers().map(({ kind }) => kind)).toEqual([MARKER_KIND.sync, MARKER_KIND.end]);
  expect(bench.core.state).toBe("ended");
  expect(bench.ended).toMatchObject([{ taskId: 1, component: "source", emitted: 3, executed: 0 }]);
});

test("A spout task without credit is not called again until it is granted some", () => {
  const bench = new Bench(topologyOf({ tuples: 1000, padding: 100 }), 1);
  bench.turns();
  const before = bench.core.emitter?.emitted ?? 0;
  expect(before).toBeGreaterThan(30);
  expect(before).toBeLessThan(60);
  expect(bench.core.canProceed()).toBe(false);
  bench.credit.raise(2, 8192);
  expect(bench.core.canProceed()).toBe(true);
  bench.turns();
  expect(bench.core.emitter?.emitted ?? 0).toBeGreaterThan(before);
});

test("A task is not called while its packets wait for room", () => {
  const bench = new Bench(topologyOf(), 1);
  bench.hasRoom = false;
  bench.turns();
  expect(bench.core.emitter?.emitted).toBe(0);
  bench.hasRoom = true;
  bench.turns();
  expect(bench.core.state).toBe("ended");
});

/** Runs source and sink to the end, passing packets between them. */
function runBoth(
  topology: Topology,
  options: { rounds?: number } = {},
): { source: Bench; sink: Bench } {
  const source = new Bench(topology, 1);
  const sink = new Bench(topology, 2);
  for (let round = 0; round < (options.rounds ?? 200); round++) {
    source.turns(1);
    sink.give(source.take(2));
    sink.turns(1);
    source.give(sink.take(1));
  }
  return { source, sink };
}

test("A bolt task executes all tuples in order, finishes once after the last, and ends", () => {
  const seen: unknown[] = [];
  let finished = 0;
  const { sink } = runBoth(topologyOf({
    tuples: 500,
    padding: 100,
    bolt: {
      execute: (tuple) => void seen.push(tuple.getNumberByField("number")),
      finish: () => {
        finished++;
        expect(seen.length).toBe(500);
      },
    },
  }));
  expect(seen).toEqual(Array.from({ length: 500 }, (_, index) => index));
  expect(finished).toBe(1);
  expect(sink.core.state).toBe("ended");
  expect(sink.ended).toMatchObject([{ executed: 500 }]);
});

test("A bolt that awaits gets one tuple at a time", async () => {
  let running = 0;
  let most = 0;
  const seen: number[] = [];
  const topology = topologyOf({
    tuples: 20,
    bolt: {
      async execute(tuple: Tuple) {
        most = Math.max(most, ++running);
        await Promise.resolve();
        seen.push(tuple.getNumber(0));
        running--;
      },
    },
  });
  const source = new Bench(topology, 1);
  const sink = new Bench(topology, 2);
  for (let round = 0; round < 200 && sink.core.state !== "ended"; round++) {
    source.turns(1);
    sink.give(source.take(2));
    sink.turns(1);
    source.give(sink.take(1));
    await Promise.resolve();
  }
  expect(most).toBe(1);
  expect(seen).toEqual(Array.from({ length: 20 }, (_, index) => index));
  expect(sink.core.state).toBe("ended");
});

test("What user code throws comes out of turn() as its cause", () => {
  const broken = new Error("user's fault");
  const bench = new Bench(
    topologyOf({
      spout: {
        nextTuple() {
          throw broken;
        },
      },
    }),
    1,
  );
  let thrown: unknown;
  try {
    bench.turns();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: "FatalUserError", cause: broken });
});

test("What user code rejects with comes out of the next turn()", async () => {
  const bench = new Bench(
    topologyOf({ spout: { nextTuple: () => Promise.reject(new Error("later")) } }),
    1,
  );
  bench.turns(2);
  await Promise.resolve();
  await Promise.resolve();
  await Promise.resolve();
  expect(() => bench.core.turn(9)).toThrow("later");
});

test("drain() ends a spout that would go on for ever", () => {
  const bench = new Bench(topologyOf({ tuples: Infinity }), 1);
  bench.turns(2);
  bench.core.drain();
  bench.turns(2);
  expect(bench.core.state).toBe("ended");
});

test("ready() resolves only when there is credit", async () => {
  let collector: { ready(): Promise<void> } | undefined;
  let passed = 0;
  const topology = topologyOf({
    tuples: 1000,
    padding: 100,
    spout: {
      open(_config, _context, given) {
        collector = given;
      },
      async nextTuple() {
        await collector?.ready();
        passed++;
      },
    },
  });
  const bench = new Bench(topology, 1);
  bench.credit.reset(2, 1);
  bench.turns(2);
  await Promise.resolve();
  expect(passed).toBe(1);
});

test("A spout with a cycle behind it may not end its input at most once", () => {
  const builder = new TopologyBuilder("cycle");
  let collector: Parameters<NonNullable<ISpout["open"]>>[2] | undefined;
  builder.setSpout("source", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple: () => collector?.end(),
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  const loop: IBolt = {
    execute() {},
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  };
  builder.setBolt("there", loop).shuffleGrouping("source").shuffleGrouping("back");
  builder.setBolt("back", { ...loop }).shuffleGrouping("there");
  const bench = new Bench(builder.createTopology(CONFIG), 1);
  expect(() => bench.turns()).toThrow("there → back → there");
});

test("Tick tuples come between others, one at a time, and not after the end", () => {
  const ticks: number[] = [];
  const builder = new TopologyBuilder("ticks");
  let now = 0;
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  builder.setBolt("sink", {
    execute(tuple: Tuple) {
      expect(tuple.getSourceStreamId()).toBe("__tick");
      ticks.push(now);
    },
  }).shuffleGrouping("source").addConfiguration("topology.tick.tuple.freq.ms", 100);
  const bench = new Bench(builder.createTopology(CONFIG), 2);
  for (now = 0; now <= 1000; now += 10) bench.core.turn(now);
  expect(ticks.length).toBeGreaterThanOrEqual(8);
  expect(ticks.length).toBeLessThanOrEqual(10);
});

test("A batch of an older incarnation is dropped and counted", () => {
  const topology = topologyOf({ tuples: 5 });
  const source = new Bench(topology, 1);
  const sink = new Bench(topology, 2);
  source.turns();
  const frames = source.take(2);
  // Counter of the source's life: the third varint of the header.
  for (const { bytes, bodyStart } of frames) {
    const at = bytes.indexOf(4 << 3, bodyStart);
    bytes[at + 1] = 0;
  }
  sink.give(frames);
  sink.turns();
  expect(sink.core.totals().dropped).toEqual(new Map([["other_incarnation", 5]]));
  expect(sink.core.totals().executed).toBe(0);
});

test("A task that ended in an earlier life calls no user code and repeats its end on all channels and above", () => {
  let calls = 0;
  const topology = topologyOf({
    spout: {
      open: () => void calls++,
      nextTuple: () => void calls++,
      close: () => void calls++,
    },
  });
  const bench = new Bench(topology, 1, { hasEndedBefore: true });
  bench.turns();
  expect(calls).toBe(0);
  expect(bench.markers()).toMatchObject([{ kind: MARKER_KIND.sync, ended: true, offset: 0 }]);
  // Found by simulation: who told it of its end may die before anybody else has heard of it.
  expect(bench.ended).toMatchObject([{ taskId: 1, emitted: 0 }]);
  expect(bench.core.state).toBe("ended");
  // Who is born after it hears of it by the next sync.
  bench.core.peerUp("stmgr-1");
  expect(bench.markers().length).toBe(2);
});

test("TaskCore acks a tuple to the life of the spout that sent it", () => {
  const builder = new TopologyBuilder("lives");
  builder.setSpout("source", { nextTuple() {}, declareOutputFields: (to) => to.declare([]) });
  let collector: OutputCollector | undefined;
  const bolt: IBolt = {
    prepare: (_config, _context, given) => void (collector = given),
    execute: (tuple) => collector?.ack(tuple),
  };
  builder.setBolt("sink", bolt).shuffleGrouping("source");
  const config = { ...CONFIG, "topology.reliability.mode": "ATLEAST_ONCE" };
  const bench = new Bench(builder.createTopology(config), 2);
  bench.turns();
  const lives = [1, 2].map((counter) => {
    bench.give([soleFrame(counter)]);
    bench.turns();
    const acks = bench.frames.filter(({ body }) => body === PACKET_FIELD.acks);
    bench.frames.length = 0;
    const reader = new AckReader();
    for (const { bytes, bodyStart } of acks) reader.open(bytes, bodyStart, bytes.length);
    return [acks.length, reader.spoutTask, reader.epoch, reader.counter];
  });
  expect(lives).toEqual([[1, 1, 1, 1], [1, 1, 1, 2]]);
});
