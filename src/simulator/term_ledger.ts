/** Who acted as topology master: what is accepted never goes back to an older one. */

import type { PlanUpdate } from "../base/gen/heron_bin/packet_pb.ts";
import type { TaskLife } from "../tuples/mod.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** Under what a topology master acts. */
type Term = Pick<PlanUpdate, "schedulerEpoch" | "leaseNumber">;

/** The record of one run. */
export class TermLedger {
  readonly #world: VirtualWorld;
  readonly #lives = new Map<number, TaskLife>();
  readonly #newest = new Map<string, Term>();

  /** Nobody has acted. */
  constructor(world: VirtualWorld) {
    this.#world = world;
  }

  /** A topology master in its life `life` listens on `port`. */
  listens(port: number, life: TaskLife): void {
    this.#lives.set(port, life);
  }

  /** The record of where the master is names `port` now. */
  located(port: number): void {
    const { epoch, counter } = this.#lives.get(port) ?? { epoch: 0, counter: 0 };
    this.accepted("the record of its place", {
      schedulerEpoch: epoch,
      leaseNumber: BigInt(counter),
    });
  }

  /** `where` accepted something of the master of `term`. */
  accepted(where: string, term: Term): void {
    const newest = this.#newest.get(where);
    if (newest !== undefined && isOlder(term, newest)) {
      this.#world.break(
        `${where} takes the word of master ${nameOf(term)} after that of ${nameOf(newest)}`,
      );
    }
    this.#newest.set(where, term);
  }
}

function isOlder(one: Term, other: Term): boolean {
  return one.schedulerEpoch === other.schedulerEpoch
    ? one.leaseNumber < other.leaseNumber
    : one.schedulerEpoch < other.schedulerEpoch;
}

function nameOf({ schedulerEpoch, leaseNumber }: Term): string {
  return `${schedulerEpoch}.${leaseNumber}`;
}
