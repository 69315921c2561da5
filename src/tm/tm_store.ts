/**
 * What a topology master keeps in the state store: the plan, twice (Heron's record and ours), the ends of tasks
 * and where it is. Our records carry the master's term; one with a higher term than ours means
 * that another master has taken over.
 */

import { PhysicalPlanSchema } from "../base/gen/heron/physical_plan_pb.ts";
import {
  type PlanUpdate,
  PlanUpdateSchema,
  type TaskEnded,
  TaskEndsSchema,
} from "../base/gen/heron_bin/packet_pb.ts";
import { type Clock, HeronError } from "../base/mod.ts";
import { decodeRecord, encodeRecord, isOlderTerm, type MasterTerm } from "../plan/mod.ts";
import { type StateManager, topologyPaths } from "../state/mod.ts";
import { GuardedRecord, type WritersLease } from "./guarded_record.ts";
import { mergeEnds } from "./task_end_table.ts";

/** What the store knows when a master begins. */
export interface TmStored {
  /** The newest plan; undefined: there has been none yet. */
  readonly update: PlanUpdate | undefined;
  readonly ended: readonly TaskEnded[];
}

/** Whose records they are. */
export interface TmStoreOptions {
  readonly state: StateManager;
  readonly topologyName: string;
  readonly topologyId: string;
  readonly clock: Clock;
}

/** The records of one topology, written by its master. */
export class TmStore {
  readonly #options: TmStoreOptions;
  readonly #physicalPlan: GuardedRecord;
  readonly #location: GuardedRecord;
  readonly #plan: GuardedRecord;
  readonly #ends: GuardedRecord;
  #term: MasterTerm = { schedulerEpoch: 0, leaseNumber: 0n };
  #lease: WritersLease | undefined;

  /** Nothing is read yet. */
  constructor(options: TmStoreOptions) {
    this.#options = options;
    const { state, clock, topologyName } = options;
    const paths = topologyPaths(topologyName);
    const recordOf = (path: string) => new GuardedRecord({ state, path, clock });
    this.#physicalPlan = recordOf(paths.physicalPlan);
    this.#location = recordOf(paths.tmanager);
    this.#plan = recordOf(paths.planUpdate);
    this.#ends = recordOf(paths.taskEnds);
  }

  /**
   * Reads the records that carry no term, before the lease is asked for: whoever wrote what is
   * found did so before this master.
   */
  async read(): Promise<void> {
    await Promise.all([this.#physicalPlan.read(), this.#location.read()]);
  }

  /**
   * Begins to act under `term`, whose `lease` is held: puts it into the stored plan, so that an older master
   * cannot replace that any more, and returns what the store knows.
   * @throws HeronError `fenced`; `corrupt`
   */
  async begin(term: MasterTerm, lease: WritersLease): Promise<TmStored> {
    this.#term = term;
    this.#lease = lease;
    const [plan, ends] = await Promise.all([this.#plan.read(), this.#ends.read()]);
    const ended = this.#endsIn(ends);
    const found = this.#planIn(plan);
    if (found === undefined) {
      // Ends without a plan are of another topology of the name, and not to be taken for this one's.
      if (ended.length > 0) await this.#ends.write(this.#encodeEnds([]), lease);
      return { update: undefined, ended: [] };
    }
    let update = found;
    await this.#plan.write(encodeRecord(PlanUpdateSchema, update), lease, (bytes) => {
      update = this.#planIn(bytes) ?? update;
      return encodeRecord(PlanUpdateSchema, update);
    });
    return { update, ended };
  }

  /** Stores a plan in both records. @throws HeronError `fenced`; what the store throws */
  async storePlan(update: PlanUpdate): Promise<void> {
    const lease = this.#held();
    if (update.plan === undefined) throw new TypeError("A plan update without a plan");
    const bytes = encodeRecord(PlanUpdateSchema, update);
    await Promise.all([
      this.#physicalPlan.write(encodeRecord(PhysicalPlanSchema, update.plan), lease),
      this.#plan.write(bytes, lease, (found) => {
        // Refuses that of a newer master.
        this.#planIn(found);
        return bytes;
      }),
    ]);
  }

  /** Stores the ends of tasks; returns those that are stored then. @throws HeronError `fenced`; what the store throws */
  async storeEnds(ended: readonly TaskEnded[]): Promise<readonly TaskEnded[]> {
    let all = ended;
    await this.#ends.write(this.#encodeEnds(all), this.#held(), (found) => {
      // An older master's last write: what it says of tasks is true.
      all = mergeEnds(this.#endsIn(found), ended);
      return this.#encodeEnds(all);
    });
    return all;
  }

  /** Tells where the master is. @throws HeronError `fenced`; what the store throws */
  storeLocation(location: Uint8Array): Promise<void> {
    return this.#location.write(location, this.#held());
  }

  #held(): WritersLease {
    if (this.#lease === undefined) throw new TypeError("Write: expected to have begun");
    return this.#lease;
  }

  /** The plan in a record of ours, under this term; undefined when it is another topology's. */
  #planIn(bytes: Uint8Array | undefined): PlanUpdate | undefined {
    if (bytes === undefined) return undefined;
    const found = decodeRecord(PlanUpdateSchema, bytes, "the stored plan");
    this.#refuseNewer(found, "the stored plan");
    if (found.plan?.topology?.id !== this.#options.topologyId) return undefined;
    return { ...found, ...this.#term };
  }

  #endsIn(bytes: Uint8Array | undefined): readonly TaskEnded[] {
    if (bytes === undefined) return [];
    const found = decodeRecord(TaskEndsSchema, bytes, "the ends of tasks");
    this.#refuseNewer(found, "the ends of tasks");
    return found.ended;
  }

  #encodeEnds(ended: readonly TaskEnded[]): Uint8Array {
    return encodeRecord(TaskEndsSchema, { ...this.#term, ended: [...ended] });
  }

  #refuseNewer(found: MasterTerm, what: string): void {
    const { schedulerEpoch, leaseNumber } = this.#term;
    if (!isOlderTerm(this.#term, found)) return;
    throw new HeronError(
      "fenced",
      `Read ${what}: found it of master ${found.schedulerEpoch}.${found.leaseNumber}, ` +
        `expected none above ${schedulerEpoch}.${leaseNumber}`,
    );
  }
}
