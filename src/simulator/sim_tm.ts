/**
 * One life of a simulated topology master: begins a term in the simulated
 * store and serves stream managers as long as that lasts.
 */

import type { TaskTotals } from "../base/gen/heron_bin/packet_pb.ts";
import { seededRandom } from "../base/mod.ts";
import { encodeFrame, type PacketInit } from "../base/wire/mod.ts";
import { logicalPlanToProto, tmanagerLocationRecord } from "../plan/mod.ts";
import { watchActivation } from "../state/mod.ts";
import { beginTerm, type TmCore, type TmTerm } from "../tm/mod.ts";
import type { TaskLife } from "../tuples/mod.ts";
import { packetOf, peekFrame, send } from "./frames.ts";
import { lifeNumber } from "./sim_code.ts";
import type { SimChild } from "./sim_container.ts";
import { Listener } from "./sim_network.ts";
import type { SimRun } from "./sim_run.ts";
import type { LinkEnd } from "./virtual_link.ts";
import { VirtualProcess } from "./virtual_process.ts";

/** The epoch of the only scheduler of a run. */
export const SCHEDULER_EPOCH = 7;
/** The container of topology masters. */
const TM_SITE = 0;

/** What a topology master tells the outside. */
export interface TmNews {
  ended(totals: readonly TaskTotals[]): void;
  stalled(cycle: string): void;
  /** Spouts were asked to end, before or in this life. */
  isDraining(): boolean;
}

class TmLink {
  readonly #end: LinkEnd;

  constructor(end: LinkEnd) {
    this.#end = end;
  }

  send(packet: PacketInit): void {
    const frame = encodeFrame(packet);
    this.sendFrame(frame, 0, frame.length);
  }

  sendFrame(bytes: Uint8Array, start: number, end: number): void {
    this.#end.sendFrame(bytes, start, end);
  }

  close(): void {
    this.#end.close();
  }
}

/** A life of the topology master. */
export class SimTm implements SimChild {
  readonly process: VirtualProcess;
  readonly #run: SimRun;
  readonly #life: TaskLife;
  readonly #news: TmNews;
  readonly #links = new Map<LinkEnd, TmLink>();
  #term: TmTerm | undefined;
  #ends = 0;

  /** A topology master that asks for the lease. */
  constructor({ run, life, news }: { run: SimRun; life: TaskLife; news: TmNews }) {
    this.#run = run;
    this.#life = life;
    this.#news = news;
    this.process = new VirtualProcess("tm", run.world, 1);
    this.process.post(() => void this.#start());
  }

  /** What acts, as long as it may. */
  get core(): TmCore | undefined {
    return this.process.isDead ? undefined : this.#term?.acting();
  }

  kill(): void {
    this.process.kill();
  }

  stopUntil(timeMs: number): void {
    this.process.holdUntil(timeMs);
  }

  async #start(): Promise<void> {
    const { world, registry } = this.#run;
    try {
      this.#term = await this.#begin();
      const listener = new Listener({
        process: this.process,
        site: TM_SITE,
        hello: () => ({ role: "tm", id: "tm", life: this.#life, table: { tasks: [], stmgrs: [] } }),
        supersedes: true,
        handlers: {
          opened: (end) => void this.#links.set(end, new TmLink(end)),
          frame: (end, bytes) => this.#take(end, bytes),
          closed: (end) => this.#closed(end),
        },
      });
      const port = registry.takePort(undefined, listener);
      this.#run.terms.listens(port, this.#life);
      await this.#term.publish(locationAt(this.#run.scenario.definition.name, port));
      const core = this.core;
      core?.start();
      await this.#watchActivation();
      if (this.#news.isDraining()) core?.drain();
    } catch (thrown) {
      world.note(() => `tm leaves: ${String(thrown)}`);
      this.process.post(() => this.kill());
    }
  }

  /** Where nobody is to wish anything, nothing is read: other seeds stay as they are. */
  async #watchActivation(): Promise<void> {
    const { scenario, store, world, interposer } = this.#run;
    if (!scenario.faults.some(({ kind }) => kind === "activation")) return;
    await watchActivation(store.openFor(this.process), scenario.definition.name, {
      onActivation: (wanted) => {
        const isActive = interposer.activation(wanted);
        if (isActive !== undefined) this.core?.activate(isActive);
      },
      onFault: ({ message }) => world.break(`the wishes cannot be read: ${message}`),
    });
  }

  #begin(): Promise<TmTerm> {
    const { scenario, store, world } = this.#run;
    const { config, definition, packingPlan } = scenario;
    return beginTerm({
      state: store.openFor(this.process),
      topology: logicalPlanToProto(definition, topologyIdOf(definition.name)),
      packingPlan,
      schedulerEpoch: SCHEDULER_EPOCH,
      cycleStallMs: config.cycleStallMs,
      leaseMs: config.tmLeaseMs,
      holder: this.process.name,
      life: { party: "tm", ...this.#life },
      clock: this.process.clock,
      random: seededRandom(scenario.seed * 13 + lifeNumber(this.#life)),
      news: {
        running: () => world.note(() => "tm: the topology runs"),
        ended: (totals) => this.#ended(totals),
        stalled: (cycle) => this.#news.stalled(cycle),
        report: (event) => world.note(() => `tm: ${event}`),
      },
      onLost: (error) => {
        world.note(() => `tm leaves: ${error.message}`);
        this.process.post(() => this.kill());
      },
    });
  }

  #ended(totals: readonly TaskTotals[]): void {
    const { world } = this.#run;
    world.note(() => "tm: the topology has ended");
    if (++this.#ends > 1) world.break("the topology master says twice that the topology ended");
    this.#news.ended(totals);
  }

  #closed(end: LinkEnd): void {
    const link = this.#links.get(end);
    this.#links.delete(end);
    if (link !== undefined) this.core?.linkClosed(link);
  }

  #take(end: LinkEnd, bytes: Uint8Array): void {
    const link = this.#links.get(end);
    const core = this.core;
    if (link === undefined || core === undefined) return;
    const { body } = packetOf(peekFrame(bytes));
    switch (body.case) {
      case "registerStmgr": {
        const value = core.registerStmgr(link, body.value);
        send(end, { responseTo: 1, body: { case: "stmgrRegistered", value } });
        return;
      }
      case "taskEnded":
        core.taskEnded(body.value);
        return;
      case "taskStuck":
        core.taskStuck(body.value, this.process.clock.nowMs());
        return;
      default:
        this.#run.world.break(`the topology master got "${body.case}"`);
    }
  }
}

/** The id of the topology of a run. */
function topologyIdOf(name: string): string {
  return `${name}-1`;
}

function locationAt(name: string, port: number): Uint8Array {
  return tmanagerLocationRecord({
    topologyName: name,
    topologyId: topologyIdOf(name),
    host: "simulated",
    controllerPort: -1,
    serverPort: port,
    statsPort: -1,
  });
}
