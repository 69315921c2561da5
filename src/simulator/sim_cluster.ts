/**
 * A whole simulated cluster: topology master, stream managers, instances, the
 * links between them, and what goes wrong. It knows no property of the run.
 */

import { clone } from "@bufbuild/protobuf";
import { type PlanUpdate, PlanUpdateSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { encodeGrant } from "../tuples/mod.ts";
import { batchOf, peekFrame } from "./frames.ts";
import type { Interposer, LinkKind } from "./interposer.ts";
import { PlanCache } from "./plan_cache.ts";
import type { Fault, StoppedProcess } from "./random_faults.ts";
import type { Scenario } from "./scenario.ts";
import { SimInstance } from "./sim_instance.ts";
import { SimStmgr } from "./sim_stmgr.ts";
import { EPOCH, LEASE_NUMBER, SimTm, type TmNews } from "./sim_tm.ts";
import type { TupleLedger } from "./tuple_ledger.ts";
import { type LinkEnd, type LinkSide, openLink } from "./virtual_link.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** How long until an ended link is dialled again. */
const REDIAL_DELAY_MAX_MS = 100;
/** Processes start at different times. */
const START_DELAY_MAX_MS = 50;

/** What a cluster is made of. */
export interface SimClusterOptions {
  readonly world: VirtualWorld;
  readonly scenario: Scenario;
  readonly ledger: TupleLedger;
  readonly interposer: Interposer;
  readonly news: TmNews;
}

/** The processes and links of one run. */
export class SimCluster {
  readonly tm: SimTm;
  readonly stmgrs = new Map<number, SimStmgr>();
  readonly instances = new Map<number, SimInstance>();
  /** Bytes that were lost on the way, by source × 65,536 + destination. */
  readonly lostBytes = new Map<number, number>();
  readonly #options: SimClusterOptions;
  readonly #peerLinks = new Map<string, LinkEnd | undefined>();
  readonly #tmLinks = new Map<number, LinkEnd>();
  #cuts = 0;

  /** Starts all processes. */
  constructor(options: SimClusterOptions) {
    this.#options = options;
    const { world, scenario, news } = options;
    this.tm = new SimTm(world, scenario, news);
    const plans = new PlanCache();
    const containers = scenario.packingPlan.containerPlans;
    const largestTaskId = containers.reduce((sum, one) => sum + one.instancePlans.length, 0);
    for (const { id: container, instancePlans } of containers) {
      const dial = (peer: number): void => this.#keepPeerLink(container, peer);
      const stmgr = new SimStmgr({ world, container, tasks: instancePlans, dial });
      this.stmgrs.set(container, stmgr);
      this.#later(START_DELAY_MAX_MS, () => this.#connectTm(stmgr));
      for (const task of instancePlans) {
        const instance: SimInstance = new SimInstance({
          ...options,
          plans,
          container,
          task,
          largestTaskId,
          granted: (destinationTask) => this.checkCredit(instance, destinationTask),
        });
        this.instances.set(task.taskId, instance);
        this.#later(START_DELAY_MAX_MS, () => this.#connectInstance(instance, stmgr));
      }
    }
    for (const fault of scenario.faults) world.at(fault.atMs, () => this.#fail(fault));
  }

  /** Peer links that were cut while they were up. */
  get cuts(): number {
    return this.#cuts;
  }

  #later(delayMaxMs: number, run: () => void): void {
    this.#options.world.after(this.#options.world.delayMs(delayMaxMs), run);
  }

  #link(kinds: readonly [LinkKind, LinkKind], first: LinkSide, second: LinkSide): LinkEnd {
    const { world, scenario, interposer } = this.#options;
    const opened = openLink({
      world,
      first,
      second,
      quality: scenario.quality,
      interpose: (end, bytes, later) =>
        interposer.frame(end === opened ? kinds[0] : kinds[1], bytes, later),
      lost: (bytes) => this.#lost(bytes),
    });
    return opened;
  }

  #lost(bytes: Uint8Array): void {
    const batch = batchOf(peekFrame(bytes));
    if (batch === undefined) return;
    const channel = batch.source * 65_536 + batch.destination;
    this.lostBytes.set(channel, (this.lostBytes.get(channel) ?? 0) + batch.creditBytes);
  }

  #connectTm(stmgr: SimStmgr): void {
    const again = (): void => this.#later(REDIAL_DELAY_MAX_MS, () => this.#connectTm(stmgr));
    const handlers = stmgr.tmHandlers;
    const side: LinkSide = {
      process: stmgr.process,
      handlers: {
        ...handlers,
        closed: (end) => {
          handlers.closed(end);
          again();
        },
      },
    };
    const link = this.#link(["tm", "tm"], side, this.tm);
    this.#tmLinks.set(stmgr.container, link);
  }

  #connectInstance(instance: SimInstance, stmgr: SimStmgr): void {
    const side = { process: instance.gateway, handlers: instance.handlers };
    const other = { process: stmgr.process, handlers: stmgr.instanceHandlers };
    this.#link(["instance_to_stmgr", "stmgr_to_instance"], side, other);
  }

  #keepPeerLink(from: number, to: number): void {
    const name = `${from}-${to}`;
    if (this.#peerLinks.has(name)) return;
    this.#peerLinks.set(name, undefined);
    this.#later(REDIAL_DELAY_MAX_MS, () => this.#dial(from, to));
  }

  #dial(from: number, to: number): void {
    const [first, second] = [this.stmgrs.get(from), this.stmgrs.get(to)];
    if (first === undefined || second === undefined) return;
    const again = (): void => this.#later(REDIAL_DELAY_MAX_MS, () => this.#dial(from, to));
    const link = this.#link(
      ["peer", "peer"],
      { process: first.process, handlers: first.peerHandlers(second.id, again) },
      { process: second.process, handlers: second.peerHandlers(first.id, () => {}) },
    );
    this.#peerLinks.set(`${from}-${to}`, link);
  }

  #fail(fault: Fault): void {
    const { world } = this.#options;
    world.note(() => `fault: ${JSON.stringify(fault)}`);
    switch (fault.kind) {
      case "cut_peer": {
        const low = Math.min(fault.first, fault.second);
        const link = this.#peerLinks.get(`${low}-${fault.first + fault.second - low}`);
        if (link === undefined) return;
        this.#cuts++;
        link.cut();
        return;
      }
      case "cut_tm":
        this.#tmLinks.get(fault.container)?.cut();
        return;
      case "stop":
        this.#stop(fault.process, world.nowMs() + fault.forMs);
        return;
      case "stale_plan":
        this.#sendStalePlan(fault.container);
        return;
      case "stale_grant":
        this.#sendStaleGrant(fault.task);
    }
  }

  /** A source has never more credit than its receiver granted. */
  checkCredit(instance: SimInstance, destinationTask: number): void {
    const received = this.instances.get(destinationTask)?.core.intake?.channel(instance.taskId);
    const granted = received?.grantedLimit;
    if (granted === undefined) return;
    const excess = -((granted - (instance.credit.words[destinationTask] ?? 0)) | 0);
    if (excess <= 0) return;
    this.#options.world.break(
      `channel ${instance.taskId} → ${destinationTask}: its source has ${excess} B more credit than was granted`,
    );
  }

  #stop(process: StoppedProcess, untilMs: number): void {
    if (process.role === "tm") this.tm.process.holdUntil(untilMs);
    else if (process.role === "stmgr") {
      this.stmgrs.get(process.container)?.process.holdUntil(untilMs);
    } else this.instances.get(process.task)?.stopUntil(untilMs);
  }

  /** A plan of an older master: every task is somewhere else. */
  #sendStalePlan(container: number): void {
    const stmgr = this.stmgrs.get(container);
    const update = this.tm.core.update;
    // Who has heard of no master yet cannot tell an older one.
    if (stmgr?.core.hasMaster !== true || update === undefined) return;
    const stale: PlanUpdate = clone(PlanUpdateSchema, update);
    stale.leaseNumber = LEASE_NUMBER - 1n;
    const ids = [...this.stmgrs.values()].map(({ id }) => id);
    for (const instance of stale.plan?.instances ?? []) {
      instance.stmgrId = ids[(ids.indexOf(instance.stmgrId) + 1) % ids.length] ?? "";
    }
    const sent = this.#options.interposer.stalePlan(stale);
    stmgr.process.post(() => stmgr.takePlan(sent));
  }

  /** A grant for an earlier life of the task: far too much. */
  #sendStaleGrant(task: number): void {
    const instance = this.instances.get(task);
    const [channel] = [...(instance?.core.emitter?.channels.values() ?? [])];
    if (instance === undefined || channel === undefined) return;
    const frame = encodeGrant({
      sourceTask: task,
      destinationTask: channel.destinationTask,
      source: { epoch: EPOCH - 1, counter: task },
      destination: { epoch: EPOCH, counter: channel.destinationTask },
      limit: 100_000_000,
    });
    const [sent = frame] = this.#options.interposer.frame("stmgr_to_instance", frame, () => {});
    instance.gateway.post(() => {
      instance.takeFrame(sent);
      this.checkCredit(instance, channel.destinationTask);
    });
  }
}
