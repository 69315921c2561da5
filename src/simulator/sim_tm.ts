/** The simulated topology master: its core, with a store that takes its time. */

import type { TaskTotals } from "../base/gen/heron_bin/packet_pb.ts";
import { encodeFrame, type PacketInit } from "../base/wire/mod.ts";
import { logicalPlanToProto } from "../plan/mod.ts";
import { TmCore } from "../tm/mod.ts";
import { packetOf, peekFrame } from "./frames.ts";
import type { Scenario } from "./scenario.ts";
import type { LinkEnd, LinkHandlers } from "./virtual_link.ts";
import { VirtualProcess } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** The epoch of all supervisors of a run; what is older has a lower one. */
export const EPOCH = 7;
/** The lease of the only topology master of a run; older ones have lower numbers. */
export const LEASE_NUMBER = 3n;

const STORE_DELAY_MAX_MS = 30;

/** What the topology master tells the outside. */
export interface TmNews {
  ended(totals: readonly TaskTotals[]): void;
  stalled(cycle: string): void;
}

class TmLink {
  readonly #end: LinkEnd;

  constructor(end: LinkEnd) {
    this.#end = end;
  }

  send(packet: PacketInit): void {
    const frame = encodeFrame(packet);
    this.#end.sendFrame(frame, 0, frame.length);
  }

  close(): void {
    this.#end.close();
  }
}

/** The topology master of a run. */
export class SimTm {
  readonly process: VirtualProcess;
  readonly core: TmCore;
  readonly #world: VirtualWorld;
  readonly #links = new Map<LinkEnd, TmLink>();
  #runs = 0;
  #ends = 0;

  /** A master that nobody has found yet. */
  constructor(world: VirtualWorld, scenario: Scenario, news: TmNews) {
    this.#world = world;
    this.process = new VirtualProcess("tm", world, 1);
    this.core = new TmCore({
      topology: logicalPlanToProto(scenario.definition, "simulated-1"),
      packingPlan: scenario.packingPlan,
      schedulerEpoch: EPOCH,
      leaseNumber: LEASE_NUMBER,
      cycleStallMs: scenario.config.cycleStallMs,
      ports: {
        storePlan: () => this.#store(),
        running: () => this.#running(),
        ended: (totals) => this.#ended(totals, news),
        stalled: news.stalled,
        report: (event) => world.note(() => `tm: ${event}`),
      },
    });
  }

  #store(): void {
    this.#world.after(this.#world.delayMs(STORE_DELAY_MAX_MS), () => {
      this.process.post(() => this.core.planStored());
    });
  }

  #running(): void {
    this.#world.note(() => "tm: the topology runs");
    if (++this.#runs > 1) {
      this.#world.break("the topology master says twice that the topology runs");
    }
  }

  #ended(totals: readonly TaskTotals[], news: TmNews): void {
    this.#world.note(() => "tm: the topology has ended");
    if (++this.#ends > 1) {
      this.#world.break("the topology master says twice that the topology ended");
    }
    news.ended(totals);
  }

  /** What it does with links of stream managers. */
  readonly handlers: LinkHandlers = {
    opened: (end) => void this.#links.set(end, new TmLink(end)),
    frame: (end, bytes) => this.#take(end, bytes),
    closed: (end) => {
      const link = this.#links.get(end);
      this.#links.delete(end);
      if (link !== undefined) this.core.linkClosed(link);
    },
  };

  #take(end: LinkEnd, bytes: Uint8Array): void {
    const link = this.#links.get(end);
    if (link === undefined) return;
    const { body } = packetOf(peekFrame(bytes));
    switch (body.case) {
      case "registerStmgr": {
        const value = this.core.registerStmgr(link, body.value);
        if (value.refused !== "") {
          this.#world.break(`the topology master refuses: ${value.refused}`);
        }
        link.send({ responseTo: 1, body: { case: "stmgrRegistered", value } });
        return;
      }
      case "taskEnded":
        this.core.taskEnded(body.value);
        return;
      case "taskStuck":
        this.core.taskStuck(body.value, this.#world.nowMs());
        return;
      default:
        this.#world.break(`the topology master got "${body.case}"`);
    }
  }
}
