/**
 * One term of a topology master: takes the lease and what its predecessors stored, then has its core act as long
 * as the lease is held. A process that was stopped for long finds out here, before it does anything. Without
 * sockets, so that the simulator runs it too.
 */

import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import type { Topology } from "../base/gen/heron/topology_pb.ts";
import { type Clock, HeronError, type Random } from "../base/mod.ts";
import {
  acquireLease,
  type Lease,
  type LeaseLife,
  type StateManager,
  topologyPaths,
} from "../state/mod.ts";
import { TmCore, type TmPorts } from "./tm_core.ts";
import { TmStore, type TmStored } from "./tm_store.ts";

/** What a term needs. */
export interface TmTermOptions {
  readonly state: StateManager;
  readonly topology: Topology;
  readonly packingPlan: PackingPlan;
  readonly schedulerEpoch: number;
  /** `cycle.stall.ms`. */
  readonly cycleStallMs: number;
  /** `tm.lease.ms`. */
  readonly leaseMs: number;
  /** Who it is, for people. */
  readonly holder: string;
  readonly life: LeaseLife;
  readonly clock: Clock;
  /** @default a seed nobody knows */
  readonly random?: Random;
  /** Ends the wait for the lease. */
  readonly signal?: AbortSignal;
  readonly news: Omit<TmPorts, "storePlan" | "storeEnds">;
  /** The term is over and its process is to end: the lease is lost, or the store cannot be used. Called once. */
  onLost(error: HeronError): void;
}

/**
 * Waits for the lease and begins a term.
 * @throws HeronError `fenced` when a later life has the lease; `corrupt` for records that cannot be read
 */
export async function beginTerm(options: TmTermOptions): Promise<TmTerm> {
  const { state, topology, clock, schedulerEpoch } = options;
  const store = new TmStore({
    state,
    topologyName: topology.name,
    topologyId: topology.id,
    clock,
  });
  await store.read();
  const end = new TermEnd(options.onLost);
  const lease = await acquireLease({
    state,
    path: topologyPaths(topology.name).tmLease,
    holder: options.holder,
    life: options.life,
    durationMs: options.leaseMs,
    clock,
    ...(options.random === undefined ? {} : { random: options.random }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    onLost: (error) => end.lost(error),
  });
  const leaseNumber = BigInt(lease.epoch);
  const stored = await store.begin({ schedulerEpoch, leaseNumber }, lease);
  return new TmTerm(options, { store, lease, stored, end });
}

/** Tells once that a term is over. */
class TermEnd {
  readonly #onLost: (error: HeronError) => void;
  #isTold = false;

  constructor(onLost: (error: HeronError) => void) {
    this.#onLost = onLost;
  }

  /** The term ends as its owner wants: nothing is told. */
  wanted(): void {
    this.#isTold = true;
  }

  lost(error: HeronError): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#onLost(error);
  }
}

interface TermParts {
  readonly store: TmStore;
  readonly lease: Lease;
  readonly stored: TmStored;
  readonly end: TermEnd;
}

/** A term that has begun. */
export class TmTerm {
  readonly #store: TmStore;
  readonly #lease: Lease;
  readonly #end: TermEnd;
  readonly #core: TmCore;

  /** Use `beginTerm`. */
  constructor(options: TmTermOptions, { store, lease, stored, end }: TermParts) {
    const { topology, packingPlan, schedulerEpoch, cycleStallMs, news } = options;
    this.#store = store;
    this.#lease = lease;
    this.#end = end;
    this.#core = new TmCore({
      topology,
      packingPlan,
      schedulerEpoch,
      leaseNumber: BigInt(lease.epoch),
      stored,
      cycleStallMs,
      ports: {
        ...news,
        storePlan: (update) =>
          void this.#attempt(async () => {
            await store.storePlan(update);
            this.acting()?.planStored();
          }),
        storeEnds: (ended) =>
          void this.#attempt(async () => {
            const all = await store.storeEnds(ended);
            this.acting()?.endsStored(all);
          }),
      },
    });
  }

  /** Number of the lease. */
  get leaseNumber(): bigint {
    return BigInt(this.#lease.epoch);
  }

  /** The core, to be asked for anew for each thing that it is to do; undefined: it may do nothing any more. */
  acting(): TmCore | undefined {
    if (this.#lease.isHeld()) return this.#core;
    this.#end.lost(
      new HeronError("fenced", "Act as topology master: found the lease lost, expected to hold it"),
    );
    return undefined;
  }

  /** Tells everyone, by its record, where this master is. */
  publish(location: Uint8Array): Promise<void> {
    return this.#attempt(() => this.#store.storeLocation(location));
  }

  /** Ends the term, so that another can begin at once. Idempotent. */
  async release(): Promise<void> {
    this.#end.wanted();
    await this.#lease.release();
  }

  async #attempt(run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (thrown) {
      this.#end.lost(HeronError.from(thrown));
    }
  }
}
