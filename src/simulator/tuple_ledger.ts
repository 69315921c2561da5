/**
 * What was emitted and what was executed, channel by channel: nothing is lost
 * or doubled, order is kept, equal keys meet, nobody works after its end.
 */

import type { VirtualWorld } from "./virtual_world.ts";

/** What went from one life of a source to a destination. */
interface ChannelRecord {
  readonly source: number;
  readonly destination: number;
  /** Sequences emitted, in order. */
  readonly sequences: number[];
  /** How many copies of each came: a task may read a stream twice. */
  readonly received: Map<number, number>;
  count: number;
  /** The last sequence that each life of the destination got. */
  readonly lastByLife: Map<number, number>;
}

/** A tuple as user code sees it on either side. */
export interface SimTuple {
  readonly source: number;
  /** Which life of the source. */
  readonly life: number;
  readonly sequence: number;
}

/** One life of a task. */
export interface LivingTask {
  readonly task: number;
  readonly life: number;
}

/** How a stream is grouped for one bolt, where it subscribes to it once. */
export interface KeyPlace {
  /** Source component, stream and bolt. */
  readonly edge: string;
  readonly key: string;
  /** Most tasks that a key may come to. */
  readonly tasksMax: number;
}

/** The record of one run. */
export class TupleLedger {
  readonly #world: VirtualWorld;
  readonly #mayLose: boolean;
  readonly #channels = new Map<string, ChannelRecord>();
  readonly #places = new Map<string, Set<number>>();
  /** The tasks that have finished, and their lives that have. */
  readonly #finished = new Set<number>();
  readonly #finishedLives = new Set<string>();
  readonly #lastExecutedMs = new Map<number, number>();
  #executed = 0;
  #lastProgressMs = 0;

  /** `mayLose`: links are cut or processes die in this run. */
  constructor(world: VirtualWorld, mayLose: boolean) {
    this.#world = world;
    this.#mayLose = mayLose;
  }

  /** Tuples executed so far. */
  get executed(): number {
    return this.#executed;
  }

  /** When user code was called last. */
  get lastProgressMs(): number {
    return this.#lastProgressMs;
  }

  /** When `task` executed a tuple last. */
  lastExecutedMs(task: number): number {
    return this.#lastExecutedMs.get(task) ?? 0;
  }

  /** Notes a call of user code that did something. */
  progress(): void {
    this.#lastProgressMs = this.#world.nowMs();
  }

  #channel({ source, life }: Omit<SimTuple, "sequence">, destination: number): ChannelRecord {
    const key = `${source}.${life} ${destination}`;
    let record = this.#channels.get(key);
    if (record === undefined) {
      const [received, lastByLife] = [new Map<number, number>(), new Map<number, number>()];
      record = { source, destination, sequences: [], received, count: 0, lastByLife };
      this.#channels.set(key, record);
    }
    return record;
  }

  /** A tuple was emitted to `tasks`. */
  emitted(tuple: SimTuple, tasks: readonly number[]): void {
    this.progress();
    for (const task of tasks) this.#channel(tuple, task).sequences.push(tuple.sequence);
  }

  /** A tuple was executed. */
  received(tuple: SimTuple, { task, life }: LivingTask): void {
    this.#executed++;
    this.#lastExecutedMs.set(task, this.#world.nowMs());
    this.progress();
    const { sequence } = tuple;
    const channel = this.#channel(tuple, task);
    const name = `channel ${tuple.source} → ${task}`;
    if (this.#finishedLives.has(`${task} ${life}`)) {
      this.#world.break(`task ${task} executes tuple ${sequence} of ${tuple.source} after its end`);
    }
    const { sequences, received, lastByLife } = channel;
    const expected = sequences[channel.count];
    if (!this.#mayLose && expected !== sequence) {
      this.#world.break(`${name}: tuple ${sequence} came where ${expected} was due`);
    }
    const copies = (received.get(sequence) ?? 0) + 1;
    if (copies > countOf(sequences, sequence)) {
      this.#world.break(`${name}: tuple ${sequence} came twice, or from nowhere`);
    }
    if (sequence < (lastByLife.get(life) ?? -1)) {
      this.#world.break(`${name}: tuple ${sequence} came out of order`);
    }
    received.set(sequence, copies);
    channel.count++;
    lastByLife.set(life, sequence);
  }

  /** A tuple with a key was executed by `task`, which had it by fields or partial key grouping. */
  placed({ edge, key, tasksMax }: KeyPlace, task: number): void {
    const place = `${edge} ${key}`;
    const known = this.#places.get(place) ?? new Set();
    if (known.has(task)) return;
    if (known.size >= tasksMax) {
      const others = [...known].join(" and ");
      this.#world.break(
        `fields grouping ${edge}: key ${key} went to task ${others} and to ${task}`,
      );
    }
    this.#places.set(place, known.add(task));
  }

  /** A task's input is over: `finish` of a bolt, `end` of a spout. */
  finished({ task, life }: LivingTask, sources: readonly number[]): void {
    this.progress();
    const name = `${task} ${life}`;
    if (this.#finishedLives.has(name)) this.#world.break(`task ${task} finishes twice`);
    this.#finishedLives.add(name);
    this.#finished.add(task);
    for (const source of sources) {
      if (!this.#finished.has(source)) {
        this.#world.break(`task ${task} finishes before its source ${source}`);
      }
    }
    if (this.#mayLose || sources.length === 0) return;
    for (const channel of this.#channels.values()) {
      const missing = channel.sequences.length - channel.count;
      if (channel.destination !== task || missing === 0) continue;
      this.#world.break(
        `task ${task} finishes with ${missing} tuples of ${channel.source} missing`,
      );
    }
  }

  /** Whether a life of a task has finished. */
  hasFinished(task: number, life: number): boolean {
    return this.#finishedLives.has(`${task} ${life}`);
  }

  /** Tuples that were emitted and not executed. */
  missing(): number {
    let sum = 0;
    for (const { sequences, count } of this.#channels.values()) sum += sequences.length - count;
    return sum;
  }
}

/** How often `sorted` has `wanted`. */
function countOf(sorted: readonly number[], wanted: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  let count = 0;
  while (sorted[low + count] === wanted) count++;
  return count;
}
