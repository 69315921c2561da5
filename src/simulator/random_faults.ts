/** What goes wrong in a run, and when. */

import type { Random } from "../base/mod.ts";
import type { PackingPlan } from "../base/gen/heron/packing_plan_pb.ts";
import { between, logUniform, pick, shuffled } from "./random_choice.ts";
import type { CutNews } from "./virtual_link.ts";

/** A process that something happens to. */
export type Target =
  | { readonly role: "tm" }
  | { readonly role: "stmgr"; readonly container: number }
  | { readonly role: "instance"; readonly container: number; readonly task: number };

/** The container that a process is in. */
export function containerOf(target: Target): number {
  return target.role === "tm" ? 0 : target.container;
}

/** What goes wrong. */
export type Mishap =
  /** The connection of two stream managers ends. */
  | {
    readonly kind: "cut_peer";
    readonly first: number;
    readonly second: number;
    readonly news: CutNews;
  }
  /** The connection of a stream manager and the topology master ends. */
  | { readonly kind: "cut_tm"; readonly container: number; readonly news: CutNews }
  /** The connection of an instance and its stream manager ends. */
  | { readonly kind: "cut_instance"; readonly container: number; readonly news: CutNews }
  /** The next tuple in parts of which a part came, and not the last, is cut off there. */
  | { readonly kind: "cut_tuple"; readonly at: CutPlace; readonly news: CutNews }
  /** Somebody is gone a little later than a spout has told its end: maybe others have heard. */
  | ({ readonly kind: "cut_end" } & EndCut)
  /** A process is killed. */
  | { readonly kind: "crash"; readonly target: Target }
  /** A supervisor is killed; container 0 is that of the topology master. */
  | { readonly kind: "die"; readonly container: number }
  /** A process does nothing for a while. */
  | { readonly kind: "stop"; readonly forMs: number; readonly target: Target }
  /** A process is stopped, its supervisor killed: it goes on beside its replacement. */
  | { readonly kind: "zombie"; readonly forMs: number; readonly target: Target }
  /** Two groups of machines do not reach each other. */
  | { readonly kind: "part"; readonly forMs: number; readonly sites: readonly number[] }
  /** Somebody wants the topology to be active, or not. */
  | { readonly kind: "activation"; readonly isActive: boolean }
  /** The state store takes its time. */
  | { readonly kind: "slow_disk"; readonly forMs: number }
  /** A plan of an older topology master arrives late. */
  | { readonly kind: "stale_plan"; readonly container: number }
  /** A grant for another life of a task arrives late. */
  | { readonly kind: "stale_grant"; readonly container: number; readonly task: number };

/** Whose end cuts a tuple in parts off. */
export type CutPlace =
  | "source"
  | "destination"
  | "source_stmgr"
  /** The connection between the destination and its stream manager: nothing behind the part comes. */
  | "destination_link"
  | "peer_link";

/** Who is killed when a spout has told its end. */
export type EndVictim =
  | "task"
  | "stmgr"
  /** Its supervisor. */
  | "container"
  /** The topology master at once, its supervisor then. */
  | "tm_and_container";

/** Somebody is gone when a spout has told its end. */
export interface EndCut {
  readonly victim: EndVictim;
  /** How many lives of spouts have told theirs before. */
  readonly spoutsBefore: number;
  readonly afterMs: number;
}

/** Something that goes wrong at some time. */
export type Fault = Mishap & { readonly atMs: number };

/** A stop or partition shorter than this ends no link: neither by its silence, nor while it says hello. */
export const PATIENCE_MS = 1_500;

/** One shorter than this ends no link that is open, by the silence that connections bear. */
const SHORT_MS_MAX = 6_000;

/** How long something stays away at most. */
const AWAY_MS_MAX = 25_000;

/** What faults are made for. */
export interface FaultOptions {
  readonly plan: PackingPlan;
  /** Only what loses no tuple. */
  readonly isLossless: boolean;
  /** Nothing stays away for longer than connections bear. */
  readonly isShort: boolean;
}

/** Random faults for a topology. */
export function randomFaults(
  random: Random,
  { plan, isLossless, isShort }: FaultOptions,
): Fault[] {
  const maker = new MishapMaker(random, plan, isShort ? SHORT_MS_MAX : AWAY_MS_MAX);
  const faults: Fault[] = [];
  const count = pick(random, [0, 1, 1, 2, 3, 6]);
  for (let index = 0; index < count; index++) {
    const atMs = logUniform(random, 50, 2_500);
    const mishap = isLossless ? maker.lossless() : maker.any();
    if (mishap === undefined) continue;
    faults.push({ ...mishap, atMs });
    // Two at a time.
    if (random.unit() > 0.3) continue;
    const other = isLossless ? maker.lossless() : maker.any();
    if (other !== undefined) faults.push({ ...other, atMs: atMs + random.unit() * 30 });
  }
  return faults;
}

/** Whether a fault may lose tuples. */
export function mayLose(fault: Mishap): boolean {
  switch (fault.kind) {
    case "cut_peer":
    case "cut_instance":
    case "cut_tuple":
    case "cut_end":
      return true;
    case "crash":
      return fault.target.role !== "tm";
    case "die":
      return fault.container !== 0;
    case "zombie":
      return fault.target.role !== "tm";
    case "stop":
      return fault.target.role !== "tm" && fault.forMs > PATIENCE_MS;
    case "part":
      return fault.forMs > PATIENCE_MS && fault.sites.some((site) => site !== 0);
    default:
      return false;
  }
}

/** Whether a fault ends a process that handles tuples. */
export function mayKill(fault: Mishap): boolean {
  // Who finds itself replaced ends as well.
  return mayLose(fault) && fault.kind !== "cut_peer";
}

class MishapMaker {
  readonly #random: Random;
  /** How long something may stay away. */
  readonly #awayMs: number;
  readonly #containers: readonly number[];
  readonly #tasks: readonly { readonly container: number; readonly task: number }[];

  constructor(random: Random, plan: PackingPlan, awayMs: number) {
    this.#random = random;
    this.#awayMs = awayMs;
    this.#containers = plan.containerPlans.map((container) => container.id);
    this.#tasks = plan.containerPlans.flatMap(({ id, instancePlans }) =>
      instancePlans.map(({ taskId }) => ({ container: id, task: taskId }))
    );
  }

  lossless(): Mishap | undefined {
    const random = this.#random;
    const forMs = logUniform(random, 10, PATIENCE_MS - 1);
    return pick<() => Mishap | undefined>(random, [
      () => ({ kind: "stop", forMs, target: this.#target() }),
      () => ({ kind: "stop", forMs, target: this.#target() }),
      () => ({ kind: "cut_tm", container: pick(random, this.#containers), news: this.#news() }),
      () => ({ kind: "crash", target: { role: "tm" } }),
      () => this.#lateTm(),
      () => this.#lateTm(),
      () => ({ kind: "slow_disk", forMs }),
      () => this.#stalePlan(),
      () => this.#stalePlan(),
      () => ({ kind: "stale_grant", ...pick(random, this.#tasks) }),
      () => ({ kind: "stale_grant", ...pick(random, this.#tasks) }),
    ])();
  }

  any(): Mishap | undefined {
    const random = this.#random;
    const container = pick(random, this.#containers);
    const forMs = logUniform(random, 10, this.#awayMs);
    return pick<() => Mishap | undefined>(random, [
      () => this.lossless(),
      () => this.#cutPeer(),
      () => this.#cutPeer(),
      () => ({ kind: "cut_tm", container, news: this.#news() }),
      () => ({ kind: "cut_instance", container, news: this.#news() }),
      () => ({ kind: "crash", target: { role: "instance", ...pick(random, this.#tasks) } }),
      () => ({ kind: "crash", target: { role: "instance", ...pick(random, this.#tasks) } }),
      () => ({ kind: "crash", target: { role: "stmgr", container } }),
      () => ({ kind: "crash", target: { role: "stmgr", container } }),
      () => ({ kind: "crash", target: { role: "tm" } }),
      () => ({ kind: "die", container: random.unit() < 0.2 ? 0 : container }),
      () => ({ kind: "stop", forMs, target: this.#target() }),
      () => ({ kind: "zombie", forMs, target: this.#target() }),
      () => this.#lateInstance(),
      () => this.#lateTm(),
      () => this.#lateTm(),
      () => ({ kind: "part", forMs, sites: this.#sites() }),
    ])();
  }

  /** A topology master that comes back while it may think that it still has the lease. */
  #lateTm(): Mishap {
    const forMs = logUniform(this.#random, 200, 3_000);
    return { kind: "zombie", forMs, target: { role: "tm" } };
  }

  /** A task that comes back when its replacement works. */
  #lateInstance(): Mishap {
    const forMs = logUniform(this.#random, 300, 5_000);
    const task = pick(this.#random, this.#tasks);
    return { kind: "zombie", forMs, target: { role: "instance", ...task } };
  }

  #target(): Target {
    const random = this.#random;
    return pick<Target>(random, [
      { role: "tm" },
      { role: "stmgr", container: pick(random, this.#containers) },
      { role: "instance", ...pick(random, this.#tasks) },
    ]);
  }

  #news(): CutNews {
    const random = this.#random;
    const late = logUniform(random, 1, 10_000);
    const [firstMs, secondMs] = shuffled(random, [random.unit() * 20, late]);
    return { firstMs: firstMs ?? 0, secondMs: secondMs ?? 0, tellsWriter: random.unit() < 0.5 };
  }

  #cutPeer(): Mishap | undefined {
    if (this.#containers.length < 2) return undefined;
    const [first = 1, second = 2] = shuffled(this.#random, this.#containers);
    return { kind: "cut_peer", first, second, news: this.#news() };
  }

  #stalePlan(): Mishap | undefined {
    if (this.#containers.length < 2) return undefined;
    return { kind: "stale_plan", container: pick(this.#random, this.#containers) };
  }

  #sites(): number[] {
    const sites = shuffled(this.#random, [0, ...this.#containers]);
    return sites.slice(0, between(this.#random, 1, Math.max(1, sites.length - 1)));
  }
}
