import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  ProcessExitedSchema,
  ProcessFailedSchema,
  TopologyRunningSchema,
} from "../../base/gen/heron_bin/packet_pb.ts";
import { Activation, Phase, type SchedulerStatus } from "../../base/gen/heron_bin/submission_pb.ts";
import { HeronError, ManualClock, silentLogger } from "../../base/mod.ts";
import { readSchedulerStatus, wantedRecord } from "../../plan/mod.ts";
import { openMemory, put, type StateManager, topologyPaths } from "../../state/mod.ts";
import { until } from "../../../tests/support/wire.ts";
import { createStoreOwner } from "./store_owner.ts";

const PATHS = topologyPaths("words");

/** An owner, and the orders that it gave. */
class Rig {
  readonly clock = new ManualClock();
  readonly orders: string[] = [];
  readonly state: StateManager;
  readonly owner;
  terminate: () => void = () => {};
  /** Why it is asked to end. */
  why: () => Promise<string> = () => Promise.resolve("");

  constructor(state: StateManager = openMemory(), epoch = 1) {
    this.state = state;
    this.owner = createStoreOwner({
      state,
      topologyName: "words",
      topologyId: "words-1",
      epoch,
      containers: new Set([0, 1, 2]),
      clock: this.clock,
      onTerminate: (listener) => {
        this.terminate = listener;
      },
      askWhy: () => this.why(),
    });
  }

  async start(): Promise<void> {
    await this.owner.start({
      stop: (reason) => void this.orders.push(`stop ${reason}`),
      drain: () => void this.orders.push("drain"),
      restart: (container) => void this.orders.push(`restart ${container}`),
      lost: (reason) => void this.orders.push(`lost ${reason}`),
    }, silentLogger);
  }

  async want(more: { endReason?: string; restarts?: readonly (readonly [number, number])[] }) {
    const restarts = (more.restarts ?? []).map(([container, count]) => ({
      $typeName: "heron_bin.submission.ContainerRestart" as const,
      container,
      count,
    }));
    const { endReason = "" } = more;
    const wanted = { activation: Activation.ACTIVE, endReason, restarts };
    await put(this.state, PATHS.wanted, wantedRecord(wanted));
  }

  async status(): Promise<SchedulerStatus> {
    const record = await this.state.get(PATHS.status);
    return readSchedulerStatus(record?.bytes ?? new Uint8Array());
  }

  async untilPhase(phase: Phase): Promise<SchedulerStatus> {
    for (;;) {
      const status = await this.status();
      if (status.phase === phase) return status;
      await Bun.sleep(1);
    }
  }

  async running(): Promise<void> {
    const value = create(TopologyRunningSchema, { tasks: 4, containers: 2 });
    await this.owner.tell({ body: { case: "topologyRunning", value } });
    await this.untilPhase(Phase.RUNNING);
  }

  async exited(id: string, more: { expected?: boolean; restarts?: boolean } = {}): Promise<void> {
    const party = { id, incarnation: { epoch: 1, counter: 1 } };
    const value = create(ProcessExitedSchema, { party, pid: 9, signal: "SIGSEGV", ...more });
    await this.owner.tell({ body: { case: "processExited", value } });
  }

  async failed(id: string, code: string): Promise<void> {
    const party = { id, incarnation: { epoch: 1, counter: 1 } };
    const value = create(ProcessFailedSchema, { party, code, message: "boom" });
    await this.owner.tell({ body: { case: "processFailed", value } });
  }
}

test("it stores how the topology is, and ends it as is wanted", async () => {
  const rig = new Rig();
  await rig.start();
  expect(await rig.untilPhase(Phase.STARTING)).toMatchObject({ epoch: 1, pid: process.pid });
  await rig.running();
  expect(await rig.status()).toMatchObject({ tasks: 4, containers: 2 });
  await rig.want({ endReason: "killed by ann" });
  await rig.want({ endReason: "killed by ann" });
  await until(() => rig.orders.length > 0);
  expect(await rig.untilPhase(Phase.STOPPING)).toMatchObject({ reason: "killed by ann" });
  // What ends on the way was asked to.
  await rig.exited("tm");
  const seen = rig.status();
  await rig.owner.finish();
  expect(rig.orders).toEqual(["stop killed by ann"]);
  expect((await seen).unaskedEnds).toBe(0);
});

test("it restarts each container once each time that is wanted, also over two schedulers", async () => {
  const rig = new Rig();
  await rig.start();
  await rig.want({ restarts: [[1, 1], [7, 1]] });
  await rig.want({ restarts: [[1, 1], [2, 1]] });
  await rig.want({ restarts: [[1, 2], [2, 1]] });
  await until(() => rig.orders.length === 3);
  expect(rig.orders).toEqual(["restart 1", "restart 2", "restart 1"]);
  while ((await rig.status()).restarts.find(({ container }) => container === 1)?.count !== 2) {
    await Bun.sleep(1);
  }
  const next = new Rig(rig.state, 2);
  await next.start();
  await next.untilPhase(Phase.STARTING);
  expect(next.orders).toEqual([]);
});

test("it tells which containers wait, until they do not", async () => {
  const rig = new Rig();
  await rig.start();
  const waiting = [{ container: 2, reason: "node n3 is down" }];
  for (const containers of [waiting, []]) {
    rig.owner.waits?.(containers);
    while ((await rig.status()).waiting.length !== containers.length) await Bun.sleep(1);
    expect((await rig.status()).waiting).toMatchObject(containers);
  }
});

test("it remembers why processes ended, and goes on", async () => {
  const rig = new Rig();
  await rig.start();
  await rig.failed("container_1_word_1", "user_code");
  await rig.exited("container_1_word_1", { restarts: true });
  await rig.exited("stmgr-1", { restarts: true });
  await rig.exited("stmgr-2", { expected: true });
  await rig.running();
  const { unaskedEnds, ends } = await rig.status();
  expect(unaskedEnds).toBe(2);
  expect(ends).toMatchObject([
    { process: "container_1_word_1", code: "user_code", reason: "boom" },
    { process: "stmgr-1", code: "process_died" },
  ]);
  expect(ends[1]?.reason).toContain("SIGSEGV");
  expect(rig.orders).toEqual([]);
});

test("it ends what cannot go on, what has ended by itself, and when the system asks", async () => {
  const endings: readonly [(rig: Rig) => unknown, string][] = [
    [(rig) => rig.failed("container_1_word_1", "unstable_topology"), "stop boom"],
    [(rig) => rig.exited("container_1_word_1"), "stop container_1_word_1 does not start again: "],
    [
      (rig) => rig.owner.tell({ body: { case: "topologyEnded", value: {} } }),
      "stop all its tasks have ended",
    ],
    [(rig) => rig.terminate(), "stop the system asked its scheduler to end (SIGTERM)"],
  ];
  for (const [end, order] of endings) {
    const rig = new Rig();
    await rig.start();
    await end(rig);
    await until(() => rig.orders.length > 0);
    expect(rig.orders[0]).toStartWith(order);
  }
});

test("a damaged record of wishes changes nothing, and a store that is away is written when it is back", async () => {
  const memory = openMemory();
  let isAway = false;
  const state = new Proxy<StateManager>(memory, {
    get(target, key) {
      if (isAway && (key === "set" || key === "create")) {
        return () => Promise.reject(new HeronError("io", "no disk"));
      }
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const rig = new Rig(state);
  await rig.start();
  await rig.untilPhase(Phase.STARTING);
  await put(memory, PATHS.wanted, new Uint8Array([1]));
  isAway = true;
  const value = create(TopologyRunningSchema, { tasks: 4, containers: 2 });
  await rig.owner.tell({ body: { case: "topologyRunning", value } });
  await rig.clock.advance(3000);
  expect((await rig.status()).phase).toBe(Phase.STARTING);
  isAway = false;
  await rig.clock.advance(1000);
  await rig.untilPhase(Phase.RUNNING);
  expect(rig.orders).toEqual([]);
});

/** Can be read when its owner has finished. */
function neverClosed(memory: StateManager): StateManager {
  return new Proxy(memory, {
    get(target, key) {
      if (key === "close") return () => Promise.resolve();
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

test("it says why the system asks it to end, where somebody knows in time", async () => {
  const asked = "the system asked its scheduler to end (SIGTERM)";
  for (
    const [why, reason] of [
      [() => Promise.resolve("its time is over"), `${asked}; its time is over`],
      [() => Promise.reject(new HeronError("unavailable", "nobody is there")), asked],
      [() => new Promise<string>(() => {}), asked],
    ] as const
  ) {
    const rig = new Rig(neverClosed(openMemory()));
    rig.why = why;
    await rig.start();
    await rig.running();
    rig.terminate();
    rig.terminate();
    expect(rig.orders).toEqual([`stop ${asked}`]);
    const finished = rig.owner.finish();
    await rig.clock.advance(10_000);
    await finished;
    expect(await rig.status()).toMatchObject({ phase: Phase.FAILED, reason });
  }
});
