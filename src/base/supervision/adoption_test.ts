import { expect, test } from "bun:test";
import { Role } from "../gen/heron_bin/packet_pb.ts";
import { ManualClock, silentLogger, systemClock, systemRandom } from "../mod.ts";
import { connect } from "../wire/mod.ts";
import { until } from "../../../tests/support/wire.ts";
import type { ChildExit } from "./child_process.ts";
import { openLastingLine } from "./lasting_line.ts";
import { type SupervisedChild, Supervisor } from "./supervisor.ts";

const SCHEDULER = { role: Role.SCHEDULER, id: "scheduler" };
const COMMON = { topologyId: "words-1", secret: new Uint8Array(32) };
const CHILDREN: readonly SupervisedChild[] = ["container-0", "container-1"].map((id) => ({
  role: Role.CONTAINER,
  id,
  stopPhase: 0,
}));
const GRACE_MS = 30_000;

/** A supervisor of an epoch whose children are promises in this process. */
class Rig {
  readonly events: string[] = [];
  readonly clock = new ManualClock();
  readonly supervisor: Supervisor<SupervisedChild>;
  readonly #exits = new Map<string, PromiseWithResolvers<ChildExit>>();

  constructor(readonly epoch: number) {
    this.supervisor = new Supervisor({
      ...COMMON,
      self: SCHEDULER,
      socketPath: "",
      remote: { address: { hostname: "127.0.0.1", port: 0 }, graceMs: GRACE_MS },
      clock: this.clock,
      logger: silentLogger,
      epoch,
      stopMs: 1000,
      restarts: { crashesMax: 3, delayMaxMs: 5000 },
      children: CHILDREN,
      handlers: {
        spawn: (child, { epoch, counter }) => this.#process(`spawn ${epoch}.${counter}`, child.id),
        adopt: (child) => this.#process("adopt", child.id),
        onConnected: (child) => void this.events.push(`connected ${child.id}`),
        onPacket: () => {},
        onExited: (child, { signal }, { incarnation, restarts }) => {
          const { epoch, counter } = incarnation;
          this.events.push(`exited ${child.id} ${epoch}.${counter} ${signal} ${restarts}`);
        },
        onStopped: () => void this.events.push("stopped"),
      },
    });
  }

  exit(id: string, signal = ""): void {
    this.#exits.get(id)?.resolve({ pid: 7, code: 0, signal });
  }

  take(): string[] {
    return this.events.splice(0);
  }

  #process(what: string, id: string) {
    this.events.push(`${what} ${id}`);
    const exit = Promise.withResolvers<ChildExit>();
    this.#exits.set(id, exit);
    return {
      pid: 7,
      exited: exit.promise,
      kill: () => {
        this.events.push(`kill ${id}`);
        this.exit(id, "SIGKILL");
      },
    };
  }
}

/** A child that was started as that life of it; it looks for the supervisor of `rig.now`. */
async function openLine(id: string, life: string, rigs: { now: Rig }) {
  const events: string[] = [];
  const [epoch = 0, counter = 0] = life.split(".").map(Number);
  await openLastingLine({
    ...COMMON,
    self: { role: Role.CONTAINER, id, incarnation: { epoch, counter } },
    supervisor: SCHEDULER,
    clock: systemClock,
    random: systemRandom(),
    logger: silentLogger,
    graceMs: GRACE_MS,
    find: () => Promise.resolve({ hostname: "127.0.0.1", port: rigs.now.supervisor.port }),
    onStop: () => void events.push("stop"),
    onReturn: () => void events.push("return"),
    onLost: () => void events.push("lost"),
  });
  return events;
}

test("a new supervisor adopts the children of the one before, and starts those that do not come", async () => {
  const rigs = { now: new Rig(3) };
  await rigs.now.supervisor.start();
  const events = await openLine("container-0", "3.1", rigs);
  await until(() => rigs.now.events.length === 3);
  // The first one dies: its port is closed.
  const first = rigs.now;
  rigs.now = new Rig(4);
  await rigs.now.supervisor.start(["container-0", "container-1"]);
  await first.supervisor.close();
  await until(() => rigs.now.events.length === 3);
  expect(rigs.now.take()).toEqual([
    "adopt container-0",
    "adopt container-1",
    "connected container-0",
  ]);
  await until(() => events.length > 0);
  expect(events).toEqual(["return"]);
  expect(rigs.now.supervisor.incarnationOf("container-0")).toEqual({ epoch: 3, counter: 1 });
  await rigs.now.clock.advance(GRACE_MS);
  await until(() => rigs.now.events.includes("spawn 4.1 container-1"));
  // The jump of its clock may have cut the other line, which opens again.
  expect(rigs.now.take().filter((event) => event !== "connected container-0")).toEqual([
    "kill container-1",
    "exited container-1 4.0 SIGKILL true",
    "spawn 4.1 container-1",
  ]);
  // What was adopted and dies starts in a life above all before, which alone is awaited.
  rigs.now.exit("container-0", "SIGKILL");
  await until(() => rigs.now.events.includes("spawn 4.2 container-0"));
  expect(rigs.now.take()).toContain("exited container-0 3.1 SIGKILL true");
  await expect(openLine("container-0", "3.1", rigs)).rejects.toMatchObject({ code: "fenced" });
  await rigs.now.supervisor.close();
});

test("only orphans of an earlier epoch are adopted, and none is where all were started", async () => {
  const rigs = { now: new Rig(4) };
  await rigs.now.supervisor.start(["container-0"]);
  for (const life of ["4.1", "5.1"]) {
    await expect(openLine("container-0", life, rigs)).rejects.toMatchObject({ code: "fenced" });
  }
  await expect(openLine("container-1", "3.1", rigs)).rejects.toMatchObject({ code: "fenced" });
  await openLine("container-1", "4.1", rigs);
  await openLine("container-0", "2.7", rigs);
  await until(() => rigs.now.events.length === 4);
  expect(rigs.now.take().slice(2)).toEqual(["connected container-1", "connected container-0"]);
  await rigs.now.supervisor.close();
});

test("a child elsewhere whose connection breaks has the grace to open another", async () => {
  const rigs = { now: new Rig(3) };
  const { supervisor, clock } = rigs.now;
  await supervisor.start();
  const lost: string[] = [];
  await connect({
    ...COMMON,
    address: { hostname: "127.0.0.1", port: supervisor.port },
    self: { role: Role.CONTAINER, id: "container-0", incarnation: { epoch: 3, counter: 1 } },
    to: SCHEDULER,
    clock: systemClock,
    handlers: { onOpen() {}, onPacket() {}, onClose: () => void lost.push("lost") },
  });
  // The same life again: one side may know sooner that the connection is lost.
  const events = await openLine("container-0", "3.1", rigs);
  await until(() => lost.length === 1);
  await until(() =>
    rigs.now.events.filter((event) => event === "connected container-0").length > 1
  );
  rigs.now.take();
  supervisor.stop("enough");
  await until(() => events.includes("stop"));
  rigs.now.exit("container-0");
  await clock.advance(1000);
  await until(() => rigs.now.events.includes("stopped"));
  expect(rigs.now.take()).toEqual([
    "exited container-0 3.1  false",
    "kill container-1",
    "exited container-1 3.1 SIGKILL false",
    "stopped",
  ]);
  await supervisor.close();
});

test("an adopted child that was told to end and has is not waited for", async () => {
  const rigs = { now: new Rig(4) };
  const { supervisor } = rigs.now;
  await supervisor.start(["container-0"]);
  let isClosed = false;
  await connect({
    ...COMMON,
    address: { hostname: "127.0.0.1", port: supervisor.port },
    self: { role: Role.CONTAINER, id: "container-0", incarnation: { epoch: 3, counter: 2 } },
    to: SCHEDULER,
    clock: systemClock,
    handlers: {
      onOpen() {},
      onPacket: (connection) => connection.close(),
      onClose: () => void (isClosed = true),
    },
  });
  await until(() => rigs.now.events.includes("connected container-0"));
  rigs.now.exit("container-1");
  await until(() => rigs.now.events.includes("spawn 4.2 container-1"));
  rigs.now.take();
  supervisor.stop("enough");
  await until(() => isClosed);
  await rigs.now.clock.advance(0);
  await until(() => rigs.now.events.length === 2);
  expect(rigs.now.take()).toEqual(["kill container-0", "exited container-0 3.2 SIGKILL false"]);
  rigs.now.supervisor.kill();
  await until(() => rigs.now.events.includes("stopped"));
  await supervisor.close();
});

test("an adopted child that is gone is not waited for as long as one that may come back", async () => {
  const rigs = { now: new Rig(4) };
  const { supervisor, clock } = rigs.now;
  await supervisor.start(["container-0"]);
  const line = await connect({
    ...COMMON,
    address: { hostname: "127.0.0.1", port: supervisor.port },
    self: { role: Role.CONTAINER, id: "container-0", incarnation: { epoch: 3, counter: 2 } },
    to: SCHEDULER,
    clock: systemClock,
    handlers: { onOpen() {}, onPacket() {}, onClose() {} },
  });
  await until(() => rigs.now.events.includes("connected container-0"));
  rigs.now.take();
  const timers = clock.timers;
  line.close();
  await until(() => clock.timers > timers);
  await clock.advance(3000);
  await until(() => rigs.now.events.length === 3);
  expect(rigs.now.take()).toEqual([
    "kill container-0",
    "exited container-0 3.2 SIGKILL true",
    "spawn 4.3 container-0",
  ]);
  await supervisor.close();
});
