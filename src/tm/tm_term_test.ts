import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { drawTopology } from "../../tests/support/definitions.ts";
import { pack } from "../../tests/support/plans.ts";
import {
  PlanUpdateSchema,
  type RegisterStmgr,
  RegisterStmgrSchema,
  TaskEndedSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { type HeronError, ManualClock } from "../base/mod.ts";
import type { PacketInit } from "../base/wire/mod.ts";
import { decodeRecord } from "../plan/mod.ts";
import { MemoryState, openMemory, type StateManager, topologyPaths } from "../state/mod.ts";
import type { TmCore } from "./tm_core.ts";
import { beginTerm, type TmTerm } from "./tm_term.ts";

const LEASE_MS = 900;
const PACKED = pack(drawTopology("s b", { config: { "topology.stmgrs": 1 } }));
const PATHS = topologyPaths("drawn");

/** A life of the topology master, with a clock of its own. */
class Master {
  readonly clock = new ManualClock();
  readonly said: string[] = [];
  readonly lost: HeronError[] = [];
  readonly sent: (string | undefined)[] = [];
  readonly link = {
    send: (packet: PacketInit) => void this.sent.push(packet.body?.case),
    // Nothing but plans is sent so.
    sendFrame: () => void this.sent.push("planUpdate"),
    close: () => {},
  };
  #term: TmTerm | undefined;

  get term(): TmTerm {
    if (this.#term === undefined) throw new TypeError("The term has not begun");
    return this.#term;
  }

  get core(): TmCore {
    const core = this.term.acting();
    if (core === undefined) throw new TypeError("The term is over");
    return core;
  }

  async begin(state: StateManager, counter: number, epoch = 3): Promise<this> {
    this.#term = await beginTerm({
      state,
      ...PACKED,
      schedulerEpoch: 1,
      cycleStallMs: 10_000,
      leaseMs: LEASE_MS,
      holder: `tm ${epoch}.${counter}`,
      life: { party: "tm", epoch, counter },
      clock: this.clock,
      news: {
        running: () => void this.said.push("running"),
        ended: () => void this.said.push("ended"),
        stalled: () => {},
        report: () => {},
      },
      onLost: (error) => void this.lost.push(error),
    });
    this.core.start();
    return this;
  }

  /** Lets what was begun in memory end; no time passes. */
  settle(): Promise<void> {
    return this.clock.advance(0);
  }
}

function registration(port = 7001): RegisterStmgr {
  return create(RegisterStmgrSchema, {
    stmgr: { id: "stmgr-1", hostName: "127.0.0.1", dataPort: port, localEndpoint: "/unused" },
    incarnation: { epoch: 1, counter: 1 },
    instances: [1, 2].map((taskId) => ({
      instanceId: `i${taskId}`,
      stmgrId: "stmgr-1",
      info: { taskId, componentIndex: 0, componentName: taskId === 1 ? "s" : "b" },
    })),
    tasks: [1, 2].map((task) => ({ task, incarnation: { epoch: 1, counter: task } })),
  });
}

/** A store whose watches tell what is there at first and nothing later, as to a process that is stopped. */
function deaf(tree: MemoryState): StateManager {
  const state = openMemory(tree);
  return {
    get: (path) => state.get(path),
    create: (path, bytes) => state.create(path, bytes),
    set: (path, bytes, expected) => state.set(path, bytes, expected),
    delete: (path, expected) => state.delete(path, expected),
    list: (folder) => state.list(folder),
    watch: async (path, listener) => {
      const watch = await state.watch(path, listener);
      watch.close();
      return watch;
    },
    close: () => state.close(),
    [Symbol.asyncDispose]: () => state.close(),
  };
}

/** A topology that runs under the first life of its master, whose watches are deaf. */
async function running(): Promise<{ tree: MemoryState; first: Master }> {
  const tree = new MemoryState();
  const first = await new Master().begin(deaf(tree), 1);
  first.core.registerStmgr(first.link, registration());
  await first.settle();
  expect(first.said).toEqual(["running"]);
  return { tree, first };
}

function portIn(tree: MemoryState): number | undefined {
  const bytes = tree.get(PATHS.planUpdate)?.bytes ?? new Uint8Array();
  return decodeRecord(PlanUpdateSchema, bytes, "the plan").plan?.stmgrs[0]?.dataPort;
}

test("beginTerm() of the next life waits for nothing, and goes on from what is stored", async () => {
  const { tree, first } = await running();
  first.core.taskEnded(create(TaskEndedSchema, { task: 1 }));
  await first.settle();
  const second = await new Master().begin(openMemory(tree), 2);
  expect([second.core.state, second.said]).toEqual(["running", ["running"]]);
  expect(second.core.update).toMatchObject({ schedulerEpoch: 1, leaseNumber: 2n });
  second.core.taskEnded(create(TaskEndedSchema, { task: 2 }));
  await second.settle();
  expect(second.said).toEqual(["running", "ended"]);
  const third = await new Master().begin(openMemory(tree), 1, 4);
  expect(third.said).toEqual(["running", "ended"]);
});

test("a master that was stopped for longer than its lease does nothing when it wakes up", async () => {
  const { tree, first } = await running();
  first.clock.jump(LEASE_MS);
  expect(first.term.acting()).toBeUndefined();
  expect(first.term.acting()).toBeUndefined();
  expect(first.lost.map(({ code }) => code)).toEqual(["fenced"]);
  expect([tree.get(PATHS.tmanager), first.sent]).toEqual([undefined, ["planUpdate"]]);
});

test("a master that stops while it stores sends nothing of that when it wakes up", async () => {
  const { first } = await running();
  first.core.registerStmgr(first.link, registration(7002));
  first.core.taskEnded(create(TaskEndedSchema, { task: 1 }));
  first.clock.jump(LEASE_MS);
  await first.settle();
  expect([first.lost.length, first.sent]).toEqual([1, ["planUpdate"]]);
});

test("a master that wakes up within its lease, after its successor began, changes nothing", async () => {
  for (const act of ["plan", "location"] as const) {
    const { tree, first } = await running();
    const second = await new Master().begin(openMemory(tree), 2);
    await second.term.publish(Uint8Array.of(2));
    // It knows of nothing, and its lease has not run out.
    if (act === "plan") first.core.registerStmgr(first.link, registration(7002));
    else await first.term.publish(Uint8Array.of(1));
    await first.settle();
    expect(first.lost.map(({ code }) => code)).toEqual(["fenced"]);
    expect(first.sent).toEqual(["planUpdate"]);
    expect([portIn(tree), tree.get(PATHS.tmanager)?.bytes]).toEqual([7001, Uint8Array.of(2)]);
    expect(second.lost).toEqual([]);
  }
});

test("what a waking master still gets into the store its successor replaces", async () => {
  const tree = new MemoryState();
  const first = await new Master().begin(deaf(tree), 1);
  const second = await new Master().begin(openMemory(tree), 2);
  // There was no plan whose term would have kept it off.
  first.core.registerStmgr(first.link, registration(7002));
  await first.settle();
  second.core.registerStmgr(second.link, registration(7003));
  await second.settle();
  expect([portIn(tree), second.sent, second.lost]).toEqual([7003, ["planUpdate"], []]);
});

test("beginTerm() is refused to a life before the one that has the lease", async () => {
  const { tree } = await running();
  await new Master().begin(openMemory(tree), 3);
  await expect(new Master().begin(openMemory(tree), 2)).rejects.toThrow("a later life of it");
});

test("TmTerm.release() ends the term without a word, and the next one need not be a later life", async () => {
  const { tree, first } = await running();
  await first.term.release();
  expect([first.term.acting(), first.lost]).toEqual([undefined, []]);
  const other = await new Master().begin(openMemory(tree), 1);
  expect(other.term.leaseNumber).toBe(2n);
});
