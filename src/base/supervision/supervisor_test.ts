import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Role } from "../gen/heron_bin/packet_pb.ts";
import { HeronError, ManualClock, silentLogger, systemClock } from "../mod.ts";
import type { PartyInit } from "../wire/mod.ts";
import { nextTurn, until } from "../../../tests/support/wire.ts";
import type { ChildExit } from "./child_process.ts";
import { type LifeLine, openLifeLine } from "./life_line.ts";
import { type SupervisedChild, Supervisor, type SupervisorHandlers } from "./supervisor.ts";

const CONTAINER = { role: Role.CONTAINER, id: "container-1" };
const COMMON = { topologyId: "words-1", secret: new Uint8Array(32) };
const STMGR: SupervisedChild = { role: Role.STMGR, id: "stmgr-1", stopPhase: 1 };
const TASK: SupervisedChild = { role: Role.INSTANCE, id: "container_1_word_1", stopPhase: 0 };

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "heron-bin-supervisor-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A supervisor whose children are promises in this process. */
class Rig {
  readonly events: string[] = [];
  readonly clock = new ManualClock();
  readonly socketPath: string;
  readonly supervisor: Supervisor<SupervisedChild>;
  readonly #exits = new Map<string, PromiseWithResolvers<ChildExit>>();

  constructor(name: string, handlers: Partial<SupervisorHandlers<SupervisedChild>> = {}) {
    this.socketPath = join(folder, name);
    this.supervisor = new Supervisor({
      ...COMMON,
      self: CONTAINER,
      socketPath: this.socketPath,
      clock: this.clock,
      logger: silentLogger,
      epoch: 3,
      stopMs: 100,
      restarts: { crashesMax: 3, delayMaxMs: 5000 },
      children: [STMGR, TASK],
      handlers: {
        spawn: (child, { epoch, counter }) => {
          this.events.push(`spawn ${child.id} ${epoch}.${counter}`);
          const exit = Promise.withResolvers<ChildExit>();
          this.#exits.set(child.id, exit);
          const kill = () => this.exit(child.id, "SIGKILL");
          return { pid: 7, exited: exit.promise, kill };
        },
        onConnected: (child) => void this.events.push(`connected ${child.id}`),
        onPacket: (child, { body }) => void this.events.push(`${body.case} ${child.id}`),
        onExited: (child, { code, signal }, { expected, restarts, incarnation }) => {
          const { counter } = incarnation;
          const text = `exited ${child.id} ${counter}: ${code} ${signal} ${expected}`;
          this.events.push(restarts ? `${text} restarts` : text);
        },
        onStopped: () => void this.events.push("stopped"),
        ...handlers,
      },
    });
  }

  /** A child ends. */
  exit(id: string, signal = ""): void {
    this.#exits.get(id)?.resolve({ pid: 7, code: 0, signal });
  }

  /** A child opens its life line; it ends when it is told to stop. */
  connect(
    { role, id }: SupervisedChild,
    incarnation: PartyInit["incarnation"] = { epoch: 3, counter: 1 },
  ): Promise<LifeLine> {
    return openLifeLine({
      ...COMMON,
      socketPath: this.socketPath,
      self: { role, id, ...(incarnation === undefined ? {} : { incarnation }) },
      supervisor: CONTAINER,
      clock: systemClock,
      logger: silentLogger,
      onStop: () => this.exit(id),
      onLost() {},
    });
  }

  /** The events since the last call. */
  take(): string[] {
    return this.events.splice(0);
  }
}

test("a supervisor starts its children, hears them, and stops them phase by phase", async () => {
  const rig = new Rig("whole.sock");
  await rig.supervisor.start();
  expect(rig.take()).toEqual([`spawn ${STMGR.id} 3.1`, `spawn ${TASK.id} 3.1`]);
  const line = await rig.connect(TASK);
  await rig.connect(STMGR);
  await line.deliver({ body: { case: "topologyRunning", value: {} } });
  expect(rig.take()).toEqual([
    `connected ${TASK.id}`,
    `connected ${STMGR.id}`,
    `topologyRunning ${TASK.id}`,
  ]);
  expect(rig.supervisor.send("nobody", { body: { case: "drain", value: {} } })).toBe(false);
  rig.supervisor.stop("enough");
  await until(() => rig.events.includes("stopped"));
  expect(rig.take()).toEqual([
    `exited ${TASK.id} 1: 0  true`,
    `exited ${STMGR.id} 1: 0  true`,
    "stopped",
  ]);
  await rig.supervisor.close();
  expect(rig.clock.timers).toBe(0);
});

test("only children that are awaited may connect: right role, id and life, and only once", async () => {
  const rig = new Rig("strangers.sock");
  await rig.supervisor.start();
  const strangers: (readonly [SupervisedChild, { epoch: number; counter: number }])[] = [
    [{ ...TASK, role: Role.STMGR }, { epoch: 3, counter: 1 }],
    [{ ...TASK, id: "container_1_word_2" }, { epoch: 3, counter: 1 }],
    [TASK, { epoch: 2, counter: 1 }],
    [TASK, { epoch: 3, counter: 2 }],
  ];
  for (const [child, life] of strangers) {
    await expect(rig.connect(child, life)).rejects.toThrow(/no child of this|not awaited/);
  }
  await rig.connect(TASK);
  await expect(rig.connect(TASK)).rejects.toThrow("this life of it is not awaited");
  rig.supervisor.kill();
  await until(() => rig.events.includes("stopped"));
  await rig.supervisor.close();
});

test("late children are killed when the time is over and it may be done", async () => {
  let mayKill = false;
  const rig = new Rig("late.sock", { mayKill: () => mayKill });
  await rig.supervisor.start();
  rig.supervisor.stop("enough");
  rig.take();
  await rig.clock.advance(100);
  expect(rig.take()).toEqual([]);
  mayKill = true;
  await rig.clock.advance(25);
  await until(() => rig.events.length === 1);
  await rig.clock.advance(25);
  await until(() => rig.events.includes("stopped"));
  expect(rig.take()).toEqual([
    `exited ${TASK.id} 1: 0 SIGKILL true`,
    `exited ${STMGR.id} 1: 0 SIGKILL true`,
    "stopped",
  ]);
  await rig.supervisor.close();
});

test("a child that cannot be started is tried again, and given up like one that dies", async () => {
  const rig = new Rig("unstarted.sock", {
    spawn() {
      throw new HeronError("not_found", "Start it: not there");
    },
  });
  await rig.supervisor.start();
  await until(() => rig.events.length === 4);
  await rig.clock.advance(50);
  await until(() => rig.events.length === 6);
  expect(rig.take()).toEqual([
    ...[STMGR, TASK].map(({ id }) => `exited ${id} 1: 127  false restarts`),
    ...[STMGR, TASK].map(({ id }) => `exited ${id} 2: 127  false restarts`),
    ...[STMGR, TASK].map(({ id }) => `exited ${id} 3: 127  false`),
  ]);
  rig.supervisor.stop("enough");
  expect(rig.take()).toEqual(["stopped"]);
  await rig.supervisor.close();
});

test("a child that dies starts again in its next life, which alone may open the life line", async () => {
  const rig = new Rig("again.sock");
  await rig.supervisor.start();
  const line = await rig.connect(TASK);
  await rig.connect(STMGR);
  line.started();
  line.progressed();
  await line.deliver({ body: { case: "topologyRunning", value: {} } });
  rig.take();
  rig.exit(TASK.id, "SIGKILL");
  await until(() => rig.events.length === 2);
  expect(rig.take()).toEqual([
    `exited ${TASK.id} 1: 0 SIGKILL false restarts`,
    `spawn ${TASK.id} 3.2`,
  ]);
  await expect(rig.connect(TASK)).rejects.toThrow("this life of it is not awaited");
  // The end of the older life's connection was not seen yet.
  const next = await rig.connect(TASK, { epoch: 3, counter: 2 });
  await expect(rig.connect(TASK, { epoch: 3, counter: 2 })).rejects.toThrow("not awaited");
  await expect(line.deliver({ body: { case: "topologyRunning", value: {} } })).rejects.toThrow();
  await next.deliver({ body: { case: "topologyRunning", value: {} } });
  expect(rig.take()).toEqual([`connected ${TASK.id}`, `topologyRunning ${TASK.id}`]);
  rig.supervisor.stop("enough");
  await until(() => rig.events.includes("stopped"));
  expect(rig.take()[0]).toBe(`exited ${TASK.id} 2: 0  true`);
  await rig.supervisor.close();
  expect(rig.clock.timers).toBe(0);
});

test("what is read of an older life when the next has begun does not count for that", async () => {
  const rig = new Rig("late_words.sock");
  await rig.supervisor.start();
  let line = await rig.connect(TASK);
  for (let counter = 1; counter <= 3; counter++) {
    if (counter > 1) line = await rig.connect(TASK, { epoch: 3, counter });
    rig.take();
    rig.exit(TASK.id, "SIGKILL");
    await until(() => rig.events.length > 0);
    if (counter === 3) break;
    // The second time it waits.
    await rig.clock.advance(50);
    line.started();
    await line.deliver({ body: { case: "topologyRunning", value: {} } });
  }
  expect(rig.take()).toEqual([`exited ${TASK.id} 3: 0 SIGKILL false`]);
  rig.supervisor.kill();
  await until(() => rig.events.includes("stopped"));
  await rig.supervisor.close();
});

test("what a child says why it ends decides whether it starts again", async () => {
  const rig = new Rig("words.sock");
  await rig.supervisor.start();
  const line = await rig.connect(TASK);
  await line.deliver({
    body: { case: "processFailed", value: { party: { id: STMGR.id }, code: "stalled" } },
  });
  await line.deliver({
    body: { case: "processFailed", value: { party: { id: TASK.id }, code: "corrupt" } },
  });
  rig.take();
  rig.exit(TASK.id);
  rig.exit(STMGR.id);
  await until(() => rig.events.length === 3);
  expect(rig.take()).toEqual([
    `exited ${TASK.id} 1: 0  false`,
    `exited ${STMGR.id} 1: 0  false restarts`,
    `spawn ${STMGR.id} 3.2`,
  ]);
  rig.supervisor.kill();
  await until(() => rig.events.includes("stopped"));
  await rig.supervisor.close();
});

test("what was asked for is acknowledged when it has been taken", async () => {
  const room = Promise.withResolvers<void>();
  let packets = 0;
  const rig = new Rig("slow.sock", {
    onPacket() {
      packets++;
      return room.promise;
    },
  });
  await rig.supervisor.start();
  const line = await rig.connect(TASK);
  let isTaken = false;
  const delivery = line.deliver({ body: { case: "output", value: {} } }).then(() => {
    isTaken = true;
  });
  await until(() => packets === 1);
  await nextTurn();
  expect(isTaken).toBe(false);
  room.resolve();
  await delivery;
  rig.supervisor.kill();
  await rig.supervisor.close();
});
