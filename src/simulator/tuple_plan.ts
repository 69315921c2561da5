/**
 * What comes of a simulated tuple, as a function of what it is: the same for
 * user code that makes it and for the check that all of it was handled, and
 * the same each time it is replayed.
 */

import type { ComponentDefinition, GroupingDefinition, TopologyDefinition } from "../api/mod.ts";
import type { Behaviour } from "./random_behaviour.ts";

/** What names a tuple wherever and however often it is made: 48 bits. */
export type Identity = number;

/** A tuple that is to be emitted. */
export interface PlannedTuple {
  readonly identity: Identity;
  readonly stream: string;
  readonly hops: number;
  readonly bytes: number;
  readonly key: number | bigint;
  /** It goes to this task alone. */
  readonly direct: number | undefined;
}

const HALF = 2 ** 24;

/** Mixes two numbers into an identity. */
export function mixed(first: number, second: number): Identity {
  return half(first, second, 0x9e3779b1) * HALF + half(first, second, 0x7feb352d);
}

/** The tasks of `tasks` that a tuple goes to by the custom grouping. */
export function customTasks(identity: Identity, tasks: readonly number[]): number[] {
  return tasks.filter((task) => mixed(identity, task) % 2 === 0);
}

function half(first: number, second: number, salt: number): number {
  let z = Math.imul(low(first) ^ salt, 0x85ebca6b) ^ Math.imul(high(first) + 1, 0xc2b2ae35);
  z = Math.imul(z ^ (z >>> 15), 0x2c1b3c6d) ^ Math.imul(low(second) + 1, 0x297a2d39);
  z = Math.imul(z ^ (z >>> 12), 0x735a2d97) ^ Math.imul(high(second) + salt, 0x1b873593);
  z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
  return (z ^ (z >>> 15)) >>> 8;
}

function low(value: number): number {
  return value % 2 ** 32 | 0;
}

function high(value: number): number {
  return Math.floor(value / 2 ** 32);
}

/** A number below `below` that belongs to an identity; `use` tells its uses apart. */
function drawn(identity: Identity, use: number, below: number): number {
  return mixed(identity, 1_000_003 + use) % below;
}

/** The uses of numbers drawn from an identity. */
const USE = Object.freeze({
  stream: 1,
  bytes: 2,
  key: 3,
  isBig: 4,
  isDirect: 5,
  direct: 6,
  gain: 7,
});

interface OutStream {
  readonly id: string;
  readonly direct: readonly number[];
  readonly hasOthers: boolean;
}

interface Reader {
  readonly component: string;
  readonly grouping: GroupingDefinition["type"];
}

/** Which tasks a component has, by name. */
export type TasksByComponent = ReadonlyMap<string, readonly number[]>;

/** Who gets a tuple at least: each of these tasks, or one of a component's. */
export interface Delivery {
  readonly component: string;
  /** Undefined: any task of the component. */
  readonly task: number | undefined;
}

/** The plan of one topology. */
export class TuplePlan {
  readonly #components = new Map<string, { place: number; streams: OutStream[] }>();
  readonly #readers = new Map<string, Reader[]>();
  /** Components by one that they read. */
  readonly #after = new Map<string, string[]>();
  readonly #componentOf = new Map<number, string>();
  readonly #behaviours: ReadonlyMap<string, Behaviour>;
  readonly #tasks: TasksByComponent;
  readonly #isCyclic: boolean;

  /** The plan of `definition`. */
  constructor(
    definition: TopologyDefinition,
    behaviours: ReadonlyMap<string, Behaviour>,
    { tasks, isCyclic }: { tasks: TasksByComponent; isCyclic: boolean },
  ) {
    this.#behaviours = behaviours;
    this.#tasks = tasks;
    this.#isCyclic = isCyclic;
    for (const [component, ids] of tasks) {
      for (const id of ids) this.#componentOf.set(id, component);
    }
    for (const { name, inputs } of definition.components) {
      for (const { component } of inputs) {
        this.#after.set(component, [...this.#after.get(component) ?? [], name]);
      }
    }
    for (const [place, component] of definition.components.entries()) {
      const streams = component.outputs.map(({ id }) => this.#streamOf(definition, component, id));
      this.#components.set(component.name, { place, streams });
    }
  }

  #streamOf(definition: TopologyDefinition, { name }: ComponentDefinition, id: string): OutStream {
    const direct: number[] = [];
    const readers: Reader[] = [];
    for (const bolt of definition.components) {
      for (const { component, stream, grouping } of bolt.inputs) {
        if (component !== name || stream !== id) continue;
        if (grouping.type === "direct") direct.push(...this.#tasks.get(bolt.name) ?? []);
        else readers.push({ component: bolt.name, grouping: grouping.type });
      }
    }
    this.#readers.set(`${name} ${id}`, readers);
    return { id, direct, hasOthers: readers.length > 0 };
  }

  /** The tasks that tuples of `component` get to, or what comes of them does. */
  tasksBehind(component: string): ReadonlySet<number> {
    const names = new Set<string>();
    const waiting = [component];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      for (const reader of this.#after.get(name) ?? []) {
        if (names.has(reader)) continue;
        names.add(reader);
        waiting.push(reader);
      }
    }
    return new Set([...names].flatMap((name) => this.#tasks.get(name) ?? []));
  }

  /** The tuple that a spout task emits for `offset`. */
  ofOffset(component: string, task: number, offset: number): PlannedTuple {
    const hops = this.#behaviours.get(component)?.hops ?? 0;
    return this.#plan(component, mixed(task * 2 ** 20 + offset, 0), hops);
  }

  /** The tuples that a bolt emits when its input has ended. */
  ofFinish(component: string, task: number, index: number): PlannedTuple {
    return this.#plan(component, mixed(task * 2 ** 20 + index, 1), 0);
  }

  /** The tuples that a bolt emits for one of `identity`. */
  children(component: string, identity: Identity, hops: number): PlannedTuple[] {
    const behaviour = this.#behaviours.get(component);
    if (behaviour === undefined || (this.#isCyclic && hops === 0)) return [];
    const whole = Math.floor(behaviour.gain);
    const rest = behaviour.gain - whole;
    const unit = drawn(identity, USE.gain + (this.#components.get(component)?.place ?? 0), 1000) /
      1000;
    const count = whole + (unit < rest ? 1 : 0);
    const place = this.#components.get(component)?.place ?? 0;
    return Array.from(
      { length: count },
      (_, index) =>
        this.#plan(component, mixed(identity, place * 64 + index + 2), Math.max(0, hops - 1)),
    );
  }

  #plan(component: string, identity: Identity, hops: number): PlannedTuple {
    const behaviour = this.#behaviours.get(component);
    const streams = this.#components.get(component)?.streams ?? [];
    const stream =
      streams[this.#isCyclic ? 0 : drawn(identity, USE.stream, Math.max(1, streams.length))];
    const number = drawn(identity, USE.key, behaviour?.keys ?? 1);
    const isDirect = stream !== undefined && stream.direct.length > 0 &&
      (!stream.hasOthers || drawn(identity, USE.isDirect, 2) === 0);
    return {
      identity,
      stream: stream?.id ?? "default",
      hops,
      bytes: drawn(identity, USE.bytes, (behaviour?.bytesMax ?? 0) + 1),
      key: drawn(identity, USE.isBig, 2) === 0 ? number : BigInt(number),
      direct: isDirect
        ? stream.direct[drawn(identity, USE.direct, stream.direct.length)]
        : undefined,
    };
  }

  /** Who is to get `tuple` of `component`. */
  deliveries(component: string, tuple: PlannedTuple): Delivery[] {
    const { direct } = tuple;
    const readers = this.#readers.get(`${component} ${tuple.stream}`) ?? [];
    const others = readers.flatMap(({ component: bolt, grouping }): Delivery[] => {
      // A task that is named takes the place of a custom choice.
      if (grouping === "custom" && direct !== undefined) return [];
      if (grouping !== "all" && grouping !== "custom") {
        return [{ component: bolt, task: undefined }];
      }
      const all = this.#tasks.get(bolt) ?? [];
      const tasks = grouping === "all" ? all : customTasks(tuple.identity, all);
      return tasks.map((task) => ({ component: bolt, task }));
    });
    if (direct === undefined) return others;
    return [...others, { component: this.#componentOf.get(direct) ?? "", task: direct }];
  }

  /** The first delivery in the tree of `tuple` that `isDone` denies. */
  missing(
    component: string,
    tuple: PlannedTuple,
    isDone: (identity: Identity, delivery: Delivery) => boolean,
  ): string | undefined {
    const waiting: { component: string; tuple: PlannedTuple }[] = [{ component, tuple }];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const seen = new Set<string>();
      for (const delivery of this.deliveries(next.component, next.tuple)) {
        const { component: bolt, task } = delivery;
        if (!isDone(next.tuple.identity, delivery)) {
          return `${next.component} → ${bolt}${task === undefined ? "" : ` task ${task}`}`;
        }
        if (seen.has(bolt)) continue;
        seen.add(bolt);
        const { identity, hops } = next.tuple;
        for (const child of this.children(bolt, identity, hops)) {
          waiting.push({ component: bolt, tuple: child });
        }
      }
    }
    return undefined;
  }
}
