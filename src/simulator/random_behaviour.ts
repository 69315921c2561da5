/**
 * What the user code of each component does: how much a spout emits, what
 * comes of a tuple in a bolt, how long calls take, and in which style.
 */

import type { ComponentDefinition } from "../api/mod.ts";
import type { Random } from "../base/mod.ts";
import { between, pick } from "./random_choice.ts";

/** How user code is written. */
export type CodeStyle = "plain" | "promises" | "ready";

/** What a bolt keeps back: nothing, acks, whole tuples, or one to join with the next. */
export type Keeping = "nothing" | "acks" | "tuples" | "pairs";

/** The user code of one component. */
export interface Behaviour {
  /** Spout: tuples each task emits before it ends. */
  tuples: number;
  /** Tuples emitted in one go, at most. */
  readonly emitsInCall: number;
  /** Bolt: tuples emitted for each tuple, on average. */
  gain: number;
  /** Bolt: tuples `finish` emits. */
  finishEmits: number;
  /** Distinct keys. */
  readonly keys: number;
  /** Largest body of a tuple. */
  bytesMax: number;
  /** How long a call keeps the thread, on average, in ms. */
  serviceMs: number;
  /** One call of each task keeps the thread this long. */
  readonly longCallMs: number;
  /** One call in this many emits nothing. */
  readonly idleCalls: number;
  style: CodeStyle;
  /** Steps a tuple takes through a cycle; 0: no cycle. */
  readonly hops: number;
  keeps: Keeping;
  /** Bolt: this part of the tuples is failed, and this part never acked, when they come first. */
  readonly fails: number;
  readonly forgets: number;
  /** Bolt: this part of the calls throws, and is made again. */
  throws: number;
  /** Spout: what failed is emitted in `fail` itself. */
  readonly replaysInFail: boolean;
}

/** What behaviours are made for. */
export interface BehaviourOptions {
  readonly components: readonly ComponentDefinition[];
  /** Most tuples received by all tasks together, about. */
  readonly copiesMax: number;
  readonly cycle: "quiet" | "loaded" | "growing" | undefined;
  /** Tuples are followed. */
  readonly isAcked: boolean;
  /** Every tuple is acked at once. */
  readonly isPrompt: boolean;
}

/** Random behaviours by component. */
export function randomBehaviours(
  random: Random,
  options: BehaviourOptions,
): Map<string, Behaviour> {
  const { components, copiesMax, cycle, isAcked, isPrompt } = options;
  const isSlow = !isPrompt && random.unit() < 0.25;
  const behaviours = new Map(
    components.map((
      one,
    ) => [
      one.name,
      randomBehaviour(random, { cycle, isSlow, isPrompt, isLax: isAcked && !isPrompt }),
    ]),
  );
  // Each join gives a tuple the roots of two; several of them, those of many.
  const joins = [...behaviours.values()].filter(({ keeps }) => keeps === "pairs");
  for (const behaviour of joins.slice(cycle === undefined ? 1 : 0)) behaviour.keeps = "nothing";
  let copies = sum(tuplesByComponent(components, behaviours));
  for (let tries = 0; cycle === undefined && copies > copiesMax && tries < 8; tries++) {
    for (const behaviour of behaviours.values()) {
      behaviour.gain = isPrompt ? 1 : behaviour.gain * 0.6;
      behaviour.finishEmits = Math.floor(behaviour.finishEmits * 0.6);
    }
    copies = sum(tuplesByComponent(components, behaviours));
  }
  const factor = Math.max(1, copiesMax / Math.max(1, copies));
  const limit = cycle === undefined ? 2_000 : cycle === "loaded" ? 60 : 20;
  for (const behaviour of behaviours.values()) {
    behaviour.tuples = Math.max(1, Math.min(limit, Math.floor(behaviour.tuples * factor)));
  }
  return behaviours;
}

function randomBehaviour(
  random: Random,
  { cycle, isSlow, isLax, isPrompt }: {
    cycle: BehaviourOptions["cycle"];
    isSlow: boolean;
    isLax: boolean;
    isPrompt: boolean;
  },
): Behaviour {
  return {
    keeps: isLax
      ? pick(random, ["nothing", "nothing", "nothing", "acks", "tuples", "pairs"] as const)
      : "nothing",
    fails: isLax ? pick(random, [0, 0, 0, 0.05]) : 0,
    forgets: isLax ? pick(random, [0, 0, 0, 0, 0.02]) : 0,
    throws: 0,
    replaysInFail: random.unit() < 0.5,
    tuples: pick(random, [1, 1, 3]),
    emitsInCall: pick(random, isPrompt ? [1, 1, 3] : [1, 1, 3, 10]),
    gain: gainFor(random, cycle, isPrompt),
    finishEmits: cycle === undefined ? pick(random, [0, 0, 1, 5, 40]) : 0,
    keys: pick(random, [1, 5, 1000]),
    bytesMax: 0,
    serviceMs: isSlow && cycle !== "growing" ? pick(random, [0, 0.1, 5]) : 0,
    longCallMs: isSlow && cycle !== "growing" ? pick(random, [0, 0, 500, 10_000]) : 0,
    idleCalls: pick(random, [0, 0, 4]),
    style: pick(random, ["plain", "plain", "promises", "ready"] as const),
    hops: hopsFor(random, cycle),
  };
}

function gainFor(random: Random, cycle: BehaviourOptions["cycle"], isPrompt: boolean): number {
  if (cycle !== undefined) return cycle === "growing" ? 2 : 1;
  return pick(random, isPrompt ? [1, 1, 2] : [0.3, 1, 1, 1, 3]);
}

/** Few where several bolts read a stream of the cycle: each step multiplies the tuples. */
function hopsFor(random: Random, cycle: BehaviourOptions["cycle"]): number {
  if (cycle === undefined) return 0;
  return cycle === "growing" ? 1_000_000 : between(random, 1, 4);
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((all, count) => all + count, 0);
}

/** About how many tuples each component receives (cycles: emits once). */
export function tuplesByComponent(
  components: readonly ComponentDefinition[],
  behaviours: ReadonlyMap<string, Behaviour>,
): Map<string, number> {
  const emitted = new Map<string, number>();
  const received = new Map<string, number>();
  for (const { name, kind, parallelism, inputs, outputs } of components) {
    const behaviour = behaviours.get(name);
    if (behaviour === undefined) continue;
    let count = 0;
    for (const input of inputs) {
      const isMany = input.grouping.type === "all" || input.grouping.type === "custom";
      const copies = isMany ? parallelism : 1;
      count += copies * (emitted.get(input.component) ?? 0);
    }
    received.set(name, count);
    const emits = kind === "spout"
      ? parallelism * behaviour.tuples
      : count * behaviour.gain + parallelism * behaviour.finishEmits;
    emitted.set(name, emits / outputs.length);
  }
  return received;
}
