import { expect, test } from "bun:test";
import {
  type SpoutOutputCollector,
  type Topology,
  TopologyBuilder,
  type Tuple,
} from "../../api/mod.ts";
import { systemConfigFrom } from "../../base/config/mod.ts";
import { nextTurn, seededRandom, systemClock } from "../../base/mod.ts";
import { encodeFrame, PacketPeek } from "../../base/wire/mod.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import { CreditTable } from "../../tuples/mod.ts";
import { planOf } from "../../../tests/support/plans.ts";
import { GatewayCore, type StmgrLink } from "../gateway/gateway_core.ts";
import { DirectIntake } from "./direct_intake.ts";
import { Executor } from "./executor.ts";
import { LinkSink } from "./link_sink.ts";
import { TaskCore } from "./task_core.ts";
import { TurnLoop } from "./turn_loop.ts";

const TUPLES = 80_000;
const MIB = 1024 * 1024;

/** A spout that always has something to emit, until it has emitted `tuples`. */
function topologyOf(seen: number[], tuples: number): Topology {
  let collector: SpoutOutputCollector | undefined;
  let sent = 0;
  const builder = new TopologyBuilder("direct");
  builder.setSpout("source", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      if (sent === tuples) collector?.end();
      else collector?.emit([sent++]);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  builder.setBolt("sink", {
    execute: (tuple: Tuple) => void seen.push(tuple.getNumber(0)),
  }).shuffleGrouping("source");
  return builder.createTopology({
    "instance.receive.bytes": MIB,
    "channel.initial.credit.bytes": 4096,
  });
}

/** An instance of one thread; its link is the test's. */
function openInstance(topology: Topology, taskId: number) {
  const { definition } = topology;
  const ended = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<unknown>();
  const life = { epoch: 1, counter: taskId };
  const credit = new CreditTable(new Int32Array(8));
  const loop = new TurnLoop({
    clock: systemClock,
    closed: () => {},
    failed: (thrown) => failed.resolve(thrown),
  });
  const intake = new DirectIntake();
  const sink: LinkSink = new LinkSink({
    bell: loop.bell,
    send: (bytes, start, end) => gateway.send(bytes, start, end),
  });
  const gateway = new GatewayCore({
    life,
    dataIn: intake,
    dataOut: sink,
    credit,
    executorBell: loop.bell,
    pauseSpout: () => {},
    nowMs: () => 0,
  });
  const core = new TaskCore({
    taskId,
    life,
    topology,
    config: systemConfigFrom(definition.config),
    ports: {
      sink,
      credit,
      random: seededRandom(1),
      nowMs: () => systemClock.nowMs(),
      waitFor: () => false,
      progressed: () => {},
      requestTurn: () => executor.requestTurn(),
      ended: () => {
        core.endStored();
        executor.requestTurn();
        ended.resolve();
      },
      reported: () => {},
    },
  });
  const executor = new Executor({
    core,
    sink,
    bell: loop.bell,
    clock: systemClock,
    afterTurn: () => {},
  });
  core.takePlan(PhysicalPlan.from(planOf(definition)));
  const start = (): void => {
    intake.open(executor);
    gateway.pump();
    loop.start(executor);
  };
  return { core, executor, gateway, sink, start, ended: ended.promise, failed: failed.promise };
}

type Instance = ReturnType<typeof openInstance>;

function take({ gateway }: Instance, frame: Uint8Array): void {
  const peek = new PacketPeek();
  peek.peek(frame, frame.findIndex((byte) => byte < 0x80) + 1, frame.length);
  const { body, bodyStart } = peek;
  gateway.takeFrame(body, { bytes: frame, start: 0, bodyStart, end: frame.length });
}

/** Carries frames to `to` in another event-loop turn, as a socket would; its queue grows meanwhile. */
function linkTo(to: Instance): StmgrLink & { queuedBytes: number; sentBytes: number } {
  return {
    queuedBytes: 0,
    cork: () => {},
    uncork: () => {},
    sentBytes: 0,
    sendFrame(bytes, start, end) {
      const frame = bytes.slice(start, end);
      this.sentBytes += frame.length;
      void nextTurn().then(() => take(to, frame));
    },
  };
}

test("Instances of one thread pass tuples in order, by credit, until the end", async () => {
  const seen: number[] = [];
  const topology = topologyOf(seen, TUPLES);
  const [source, sink] = [openInstance(topology, 1), openInstance(topology, 2)];
  source.gateway.attach(linkTo(sink));
  sink.gateway.attach(linkTo(source));
  // What comes before the task is there waits, and is not lost.
  source.start();
  while (sink.gateway.waitingBytes === 0) await nextTurn();
  sink.start();
  await Promise.all([source.ended, sink.ended]);
  expect(seen).toEqual(Array.from({ length: TUPLES }, (_, index) => index));
  expect(sink.gateway.waitingBytes).toBe(0);
}, 120_000);

test(
  "A spout of one thread stops while its link is full, and goes on when it has drained",
  async () => {
    const seen: number[] = [];
    const topology = topologyOf(seen, TUPLES);
    const [source, sink] = [openInstance(topology, 1), openInstance(topology, 2)];
    const link = linkTo(sink);
    source.gateway.attach(link);
    sink.gateway.attach(linkTo(source));
    source.start();
    sink.start();
    while (seen.length < TUPLES / 4) await nextTurn();
    link.queuedBytes = MIB;
    for (let turns = 0; turns < 20; turns++) await nextTurn();
    const { sentBytes } = link;
    const emitted = source.core.totals().emitted;
    expect(emitted).toBeLessThan(TUPLES);
    expect(source.sink.hasRoom()).toBe(false);
    for (let turns = 0; turns < 20; turns++) await nextTurn();
    expect([link.sentBytes, source.core.totals().emitted]).toEqual([sentBytes, emitted]);
    link.queuedBytes = 0;
    // As the link tells of it.
    source.gateway.pump();
    await Promise.all([source.ended, sink.ended]);
    expect(seen).toEqual(Array.from({ length: TUPLES }, (_, index) => index));
  },
  120_000,
);

test(
  "A spout of one thread that always has something leaves the event loop to others",
  async () => {
    const seen: number[] = [];
    const topology = topologyOf(seen, Infinity);
    const [source, sink] = [openInstance(topology, 1), openInstance(topology, 2)];
    source.gateway.attach(linkTo(sink));
    sink.gateway.attach(linkTo(source));
    source.start();
    sink.start();
    // A turn that never ended would never come back to here.
    while (seen.length === 0) await nextTurn();
    const before = seen.length;
    while (seen.length === before) await nextTurn();
    // It would go on beside all other tests.
    source.executor.close();
    sink.executor.close();
  },
  120_000,
);

test("A broken frame fails the task of one thread, and not the link that brought it", async () => {
  const topology = topologyOf([], TUPLES);
  const sink = openInstance(topology, 2);
  sink.start();
  take(sink, encodeFrame({ body: { case: "drainSpouts", value: {} } }));
  expect(String(await sink.failed)).toContain("Read a frame of the gateway: found body");
});
