import { expect, test } from "bun:test";
import { join } from "node:path";
import { type Packet, Role } from "../base/gen/heron_bin/packet_pb.ts";
import { silentLogger, systemClock } from "../base/mod.ts";
import { type ChildExit, type LifeLine, openLifeLine } from "../base/supervision/mod.ts";
import { decodePacket, encodeFrame, FrameDecoder } from "../base/wire/mod.ts";
import { createJobFolder, type JobFolder, SPOUT } from "../../tests/support/job_folder.ts";
import { nextTurn, until } from "../../tests/support/wire.ts";
import type { Owner, WaitingContainer } from "./owner.ts";
import { createPipeOwner } from "./pipe_owner.ts";
import type { ContainerStart, Scheduler } from "./scheduler.ts";
import { runScheduler } from "./scheduler_role.ts";

function settled(): PromiseWithResolvers<void> {
  const resolvers = Promise.withResolvers<void>();
  resolvers.resolve();
  return resolvers;
}

/** A scheduler whose containers are life lines in this process, and the command line's pipes. */
class Rig implements Scheduler {
  readonly starts: ContainerStart[] = [];
  readonly events: string[] = [];
  readonly packets: Packet["body"][] = [];
  readonly exits: number[] = [];
  readonly lines = new Map<number, LifeLine>();
  readonly #folder: JobFolder;
  readonly #input = new TransformStream<Uint8Array, Uint8Array>();
  readonly #orders = this.#input.writable.getWriter();
  readonly #ends = new Map<number, PromiseWithResolvers<ChildExit>>();
  readonly #decoder = new FrameDecoder(1 << 20);
  isBroken = false;
  onWaits: (containers: readonly WaitingContainer[]) => void = () => {};
  /** When what a container left is gone. */
  leftGone = settled();

  constructor(folder: JobFolder) {
    this.#folder = folder;
  }

  async run(): Promise<void> {
    await runScheduler({
      jobFile: this.#folder.jobFile,
      command: ["heron-bin"],
      scheduler: this,
      owner: this.#watched(createPipeOwner({
        input: this.#input.readable,
        output: {
          write: (bytes) => {
            if (this.isBroken) throw new Error("broken pipe");
            this.#take(bytes);
          },
          flush() {},
        },
        clock: systemClock,
      })),
      clock: systemClock,
      exit: (code) => {
        this.exits.push(code);
        // It ends the process; here the test goes on.
        return undefined as never;
      },
    });
    for (const { container } of this.starts) this.lines.set(container, await this.open(container));
  }

  /** An owner that is also told who waits. */
  #watched(owner: Owner): Owner {
    return {
      get idleMs() {
        return owner.idleMs;
      },
      start: (orders, logger) => owner.start(orders, logger),
      tell: (packet) => owner.tell(packet),
      waits: (containers) => this.onWaits(containers),
      finish: () => owner.finish(),
    };
  }

  start(start: ContainerStart) {
    const { container } = start;
    this.starts.push(start);
    const end = Promise.withResolvers<ChildExit>();
    this.#ends.set(container, end);
    return {
      pid: 100 + container,
      exited: end.promise,
      kill: () => {
        this.events.push(`kill ${container}`);
        this.end(container, "SIGKILL");
      },
      killLeft: (processes: readonly { readonly pid: number }[]) => {
        const pids = processes.map(({ pid }) => pid);
        this.events.push(`killLeft ${container}: ${pids.join(" ")}`);
        return this.leftGone.promise;
      },
    };
  }

  /** A container ends. */
  end(container: number, signal = ""): void {
    this.#ends.get(container)?.resolve({ pid: 100 + container, code: 0, signal });
  }

  async order(order: "stop" | "drain"): Promise<void> {
    await this.#orders.write(encodeFrame({ body: { case: order, value: {} } }));
  }

  /** The command line is gone. */
  async hangUp(): Promise<void> {
    await this.#orders.close();
  }

  /** Container 1 says that it has started a process. */
  async tellStarted(id: string, pid: number): Promise<void> {
    await this.lines.get(1)?.deliver({
      body: {
        case: "processStarted",
        value: { party: { role: Role.INSTANCE, id }, pid, startTime: 1n },
      },
    });
  }

  #take(bytes: Uint8Array): void {
    this.#decoder.feed(bytes, 0, {
      frame: (frame, { packetStart, end }) => {
        this.packets.push(decodePacket(frame, packetStart, end).body);
        return true;
      },
    });
  }

  /** A container opens its life line. */
  open(container: number, counter = 1): Promise<LifeLine> {
    const { path, topologyId, secret, epoch } = this.#folder;
    return openLifeLine({
      socketPath: join(path, "sockets", "scheduler.sock"),
      self: {
        role: Role.CONTAINER,
        id: `container-${container}`,
        incarnation: { epoch, counter },
      },
      supervisor: { role: Role.SCHEDULER, id: "scheduler" },
      topologyId,
      secret,
      clock: systemClock,
      logger: silentLogger,
      onStop: () => {
        this.events.push(`stop ${container}`);
        this.end(container);
      },
      onDrain: () => void this.events.push(`drain ${container}`),
      onLost() {},
    });
  }
}

test("runScheduler() starts all containers, hands on what they tell, and stops them", async () => {
  await using folder = await createJobFolder({ environment: { WORD: "hello" } });
  const rig = new Rig(folder);
  await rig.run();
  expect(rig.starts.map(({ command }) => command.join(" "))).toEqual(
    [0, 1, 2].map((container) =>
      `heron-bin container --job ${folder.jobFile} --container ${container} --incarnation 3.1`
    ),
  );
  expect(rig.starts[2]).toMatchObject({
    marks: ["--job", folder.jobFile, "--container", "2"],
    environment: { WORD: "hello" },
    workingFolder: folder.path,
    logFile: join(folder.path, "logs", "container-2.log"),
  });
  const line = rig.lines.get(1);
  await line?.deliver({ body: { case: "output", value: { lines: ["a"] } } });
  await line?.deliver({ body: { case: "processFailed", value: { message: "boom" } } });
  await line?.deliver({ body: { case: "topologyRunning", value: { tasks: 2 } } });
  await line?.deliver({ body: { case: "topologyEnded", value: {} } });
  expect(rig.packets.map((body) => body.case)).toEqual([
    "output",
    "processFailed",
    "topologyRunning",
    "topologyEnded",
  ]);
  await rig.order("drain");
  await until(() => rig.events.length === 1);
  expect(rig.events.splice(0)).toEqual(["drain 0"]);
  await rig.order("stop");
  await until(() => rig.exits.length > 0);
  expect(rig.exits).toEqual([0]);
  expect(rig.packets.slice(4).map((body) => body.case === "processExited" && body.value.expected))
    .toEqual([true, true, true]);
  await rig.hangUp();
  await until(() => rig.exits.length === 2);
});

test("a container that dies is reported, what it left is killed first, and it starts again", async () => {
  await using folder = await createJobFolder();
  const rig = new Rig(folder);
  await rig.run();
  await rig.tellStarted("stmgr-1", 7001);
  await rig.tellStarted(SPOUT, 7002);
  rig.lines.get(1)?.started();
  await rig.lines.get(1)?.deliver({
    body: { case: "processExited", value: { party: { id: "stmgr-1" }, pid: 7001 } },
  });
  rig.leftGone = Promise.withResolvers();
  rig.end(1, "SIGKILL");
  await until(() => rig.events.length === 1);
  expect(rig.events).toEqual(["killLeft 1: 7002"]);
  // The sockets are still in use.
  await nextTurn();
  expect(rig.starts.length).toBe(3);
  rig.leftGone.resolve();
  await until(() => rig.packets.length === 2);
  expect(rig.packets[1]).toMatchObject({
    case: "processExited",
    value: {
      party: { id: "container-1", incarnation: { epoch: 3, counter: 1 } },
      pid: 101,
      signal: "SIGKILL",
      expected: false,
      restarts: true,
    },
  });
  expect(rig.starts.slice(3).map(({ command }) => command.slice(4).join(" "))).toEqual([
    "--container 1 --incarnation 3.2",
  ]);
  await rig.order("stop");
  rig.end(1);
  await until(() => rig.exits.length > 0);
  await rig.hangUp();
  await until(() => rig.exits.length === 2);
});

test("what a container says with its last breath is known, and killed as well", async () => {
  await using folder = await createJobFolder();
  const rig = new Rig(folder);
  await rig.run();
  await rig.tellStarted("stmgr-1", 7001);
  rig.leftGone = Promise.withResolvers();
  rig.end(1, "SIGKILL");
  await until(() => rig.events.length === 1);
  await rig.tellStarted(SPOUT, 7002);
  rig.leftGone.resolve();
  await until(() => rig.starts.length === 4);
  expect(rig.events).toEqual(["killLeft 1: 7001", "killLeft 1: 7002"]);
  await rig.order("stop");
  rig.end(1);
  await until(() => rig.exits.length > 0);
  await rig.hangUp();
  await until(() => rig.exits.length === 2);
});

test("a new topology master's container is told to drain again", async () => {
  await using folder = await createJobFolder();
  const rig = new Rig(folder);
  await rig.run();
  await rig.order("drain");
  await until(() => rig.events.length === 1);
  rig.end(0, "SIGKILL");
  await until(() => rig.starts.length === 4);
  await rig.open(0, 2);
  await until(() => rig.events.length === 3);
  expect(rig.events).toEqual(["drain 0", "killLeft 0: ", "drain 0"]);
  await rig.order("stop");
  await until(() => rig.exits.length > 0);
  await rig.hangUp();
  await until(() => rig.exits.length === 2);
});

test("the owner is told of containers that cannot be started, until they can", async () => {
  await using folder = await createJobFolder();
  const told: string[] = [];
  const rig = new Rig(folder);
  rig.onWaits = (containers) =>
    told.push(containers.map(({ container, reason }) => `${container} ${reason}`).join(", "));
  await rig.run();
  rig.starts[2]?.onWaiting?.("no room");
  rig.starts[1]?.onWaiting?.("no room");
  expect(told).toEqual(["2 no room", "1 no room, 2 no room"]);
  rig.end(1, "SIGKILL");
  await until(() => rig.starts.length === 4);
  await rig.open(1, 2);
  await until(() => told.length === 3);
  expect(told[2]).toBe("2 no room");
  await rig.order("stop");
  await until(() => rig.exits.length > 0);
  await rig.hangUp();
  await until(() => rig.exits.length === 2);
});

test("a container that dies again and again is given up", async () => {
  await using folder = await createJobFolder();
  const rig = new Rig(folder);
  await rig.run();
  const exits = () =>
    rig.packets.flatMap((body) =>
      body.case === "processExited" ? [[body.value.party?.id, body.value.restarts]] : []
    );
  for (let life = 1; life <= 3; life++) {
    await until(() => rig.starts.length === 2 + life);
    rig.end(1);
    await until(() => exits().length === life);
  }
  expect(exits().map((exit) => exit.join(" "))).toEqual([
    "container-1 true",
    "container-1 true",
    "container-1 false",
  ]);
  await rig.order("stop");
  await until(() => rig.exits.length > 0);
  expect(rig.starts.length).toBe(5);
  await rig.hangUp();
  await until(() => rig.exits.length === 2);
});

test("the end of the command line's pipe, either of them, kills everything at once", async () => {
  for (const side of ["input", "output"]) {
    await using folder = await createJobFolder();
    const rig = new Rig(folder);
    await rig.run();
    await rig.tellStarted(SPOUT, 7002);
    if (side === "input") await rig.hangUp();
    else {
      rig.isBroken = true;
      await rig.lines.get(2)?.deliver({ body: { case: "output", value: { lines: ["a"] } } });
    }
    await until(() => rig.exits.length > 0);
    expect(rig.exits[0]).toBe(5);
    expect(rig.events.slice(0, 6)).toEqual([
      "kill 0",
      "kill 1",
      "kill 2",
      "killLeft 0: ",
      "killLeft 1: 7002",
      "killLeft 2: ",
    ]);
    await until(() => rig.exits.includes(0));
    if (side === "output") await rig.hangUp();
  }
});
