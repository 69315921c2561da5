import { expect, test } from "bun:test";
import {
  type SpoutOutputCollector,
  type Topology,
  TopologyBuilder,
  type Tuple,
} from "../../api/mod.ts";
import { systemConfigFrom } from "../../base/config/mod.ts";
import { seededRandom, systemClock } from "../../base/mod.ts";
import { PacketPeek } from "../../base/wire/mod.ts";
import { PhysicalPlan } from "../../plan/mod.ts";
import { CreditTable, Doorbell, PACKET_FIELD, RingReader, RingWriter } from "../../tuples/mod.ts";
import { sleepAt } from "../../../tests/support/bridges.ts";
import { planOf } from "../../../tests/support/plans.ts";
import { allocateBridge, COUNTER } from "../bridge.ts";
import { GatewayCore } from "../gateway/gateway_core.ts";
import { Counters } from "./counters.ts";
import { Executor } from "./executor.ts";
import { RingSink } from "./ring_sink.ts";
import { TaskCore } from "./task_core.ts";

const TUPLES = 20_000;

function topologyOf(seen: number[]): Topology {
  let collector: SpoutOutputCollector | undefined;
  let sent = 0;
  const builder = new TopologyBuilder("executors");
  builder.setSpout("source", {
    open(_config, _context, given) {
      collector = given;
    },
    nextTuple() {
      if (sent === TUPLES) collector?.end();
      else collector?.emit([sent++]);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
  builder.setBolt("sink", {
    execute: (tuple: Tuple) => void seen.push(tuple.getNumber(0)),
  }).shuffleGrouping("source");
  return builder.createTopology({
    "instance.receive.bytes": 65536,
    "channel.initial.credit.bytes": 4096,
  });
}

/** One instance: both threads' parts, run in this one. */
function openInstance(topology: Topology, taskId: number) {
  const { definition } = topology;
  const memory = allocateBridge({ ringBytes: 131_072, largestTaskId: 2, slots: 0 });
  const gatewayBell = new Doorbell(new Int32Array(memory.gatewayBell));
  const executorBell = new Doorbell(new Int32Array(memory.executorBell));
  const life = { epoch: 1, counter: taskId };
  const credit = new CreditTable(new Int32Array(memory.credit));
  const sink = new RingSink(new RingWriter(memory.dataOut, gatewayBell));
  const gateway = new GatewayCore({
    life,
    dataIn: new RingWriter(memory.dataIn, executorBell),
    dataOut: new RingReader(memory.dataOut, executorBell),
    credit,
    executorBell,
    pauseSpout: () => {},
    nowMs: () => 0,
  });
  const ended = Promise.withResolvers<void>();
  const core = new TaskCore({
    taskId,
    life,
    topology,
    config: systemConfigFrom(definition.config),
    ports: {
      sink,
      credit,
      random: seededRandom(1),
      nowMs: () => 0,
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
  const counters = new Counters(new Float64Array(memory.counters), core);
  const executor = new Executor({
    core,
    dataIn: new RingReader(memory.dataIn, gatewayBell),
    sink,
    bell: executorBell,
    clock: systemClock,
    afterTurn: (result, nowMs) => counters.show(result, nowMs),
  });
  core.takePlan(PhysicalPlan.from(planOf(definition)));
  return { core, executor, gateway, gatewayBell, ended: ended.promise, memory };
}

type Instance = ReturnType<typeof openInstance>;

/** Carries what `from` sends to `to`, as a stream manager would. */
function linkTo(to: Instance) {
  return {
    queuedBytes: 0,
    cork: () => {},
    uncork: () => {},
    sendFrame(bytes: Uint8Array, start: number, end: number) {
      const frame = bytes.slice(start, end);
      const peek = new PacketPeek();
      peek.peek(frame, frame.findIndex((byte) => byte < 0x80) + 1, frame.length);
      to.gateway.takeFrame(peek.body, {
        bytes: frame,
        start: 0,
        bodyStart: peek.bodyStart,
        end: frame.length,
      });
    },
  };
}

async function pumpForever({ gateway, gatewayBell }: Instance): Promise<void> {
  for (;;) {
    gateway.pump();
    const ticket = gatewayBell.prepareSleep();
    if (gateway.hasWork()) gatewayBell.cancelSleep();
    else await sleepAt(gatewayBell, ticket);
  }
}

test("Executors wake each other through rings, credit and doorbells until the end", async () => {
  const seen: number[] = [];
  const topology = topologyOf(seen);
  const [source, sink] = [openInstance(topology, 1), openInstance(topology, 2)];
  source.gateway.attach(linkTo(sink));
  sink.gateway.attach(linkTo(source));
  for (const instance of [source, sink]) void pumpForever(instance);
  const running = [source.executor.run(), sink.executor.run()];
  await Promise.all([source.ended, sink.ended]);
  for (const { executor } of [source, sink]) executor.close();
  await Promise.all(running);
  expect(seen).toEqual(Array.from({ length: TUPLES }, (_, index) => index));
  const counters = new Float64Array(sink.memory.counters);
  expect(counters[COUNTER.calls]).toBe(TUPLES);
  expect(counters[COUNTER.heldBytesMax]).toBeLessThan(65536 + 2 * 32768);
  expect(PACKET_FIELD.batch).toBe(3);
}, 120_000);
