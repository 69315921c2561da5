/**
 * What was emitted and what was executed, channel by channel: nothing is lost
 * or doubled, order is kept, equal keys meet, nobody works after its end.
 */

import type { VirtualWorld } from "./virtual_world.ts";

/** Sequences on their way in one channel, oldest first. */
interface ChannelRecord {
  readonly source: number;
  readonly destination: number;
  sequences: number[];
  head: number;
  received: number;
  lost: number;
}

/** A tuple as user code sees it on either side. */
export interface SimTuple {
  readonly source: number;
  readonly sequence: number;
}

/** How a stream is grouped for one bolt, where it subscribes to it once. */
export interface KeyPlace {
  /** Source component, stream and bolt. */
  readonly edge: string;
  readonly key: string;
}

/** The record of one run. */
export class TupleLedger {
  readonly #world: VirtualWorld;
  readonly #mayLose: boolean;
  readonly #channels = new Map<number, ChannelRecord>();
  readonly #places = new Map<string, number>();
  readonly #finished = new Set<number>();
  readonly #lastExecutedMs = new Map<number, number>();
  #executed = 0;
  #lastProgressMs = 0;

  /** `mayLose`: links are cut in this run. */
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

  #channel(source: number, destination: number): ChannelRecord {
    const key = source * 65_536 + destination;
    let record = this.#channels.get(key);
    if (record === undefined) {
      record = { source, destination, sequences: [], head: 0, received: 0, lost: 0 };
      this.#channels.set(key, record);
    }
    return record;
  }

  /** A tuple was emitted to `tasks`. */
  emitted(tuple: SimTuple, tasks: readonly number[]): void {
    this.progress();
    for (const task of tasks) this.#channel(tuple.source, task).sequences.push(tuple.sequence);
  }

  /** A tuple was executed by `task`. */
  received(tuple: SimTuple, task: number): void {
    this.#executed++;
    this.#lastExecutedMs.set(task, this.#world.nowMs());
    this.progress();
    const channel = this.#channel(tuple.source, task);
    const name = `${tuple.source} → ${task}`;
    if (this.#finished.has(task)) {
      this.#world.break(
        `task ${task} executes tuple ${tuple.sequence} of ${tuple.source} after its end`,
      );
    }
    for (;;) {
      const expected = channel.sequences[channel.head];
      if (expected === undefined) {
        this.#world.break(
          `channel ${name}: tuple ${tuple.sequence} came twice, out of order or from nowhere`,
        );
        return;
      }
      channel.head++;
      if (expected === tuple.sequence) break;
      if (!this.#mayLose) {
        this.#world.break(
          `channel ${name}: tuple ${tuple.sequence} came where ${expected} was due`,
        );
        return;
      }
      channel.lost++;
    }
    channel.received++;
    if (channel.head > 256) {
      channel.sequences = channel.sequences.slice(channel.head);
      channel.head = 0;
    }
  }

  /** A tuple with a key was executed by `task`, which had it by fields grouping. */
  placed({ edge, key }: KeyPlace, task: number): void {
    const place = `${edge} ${key}`;
    const known = this.#places.get(place);
    if (known === undefined) this.#places.set(place, task);
    else if (known !== task) {
      this.#world.break(`fields grouping ${edge}: key ${key} went to task ${known} and to ${task}`);
    }
  }

  /** A task's input is over: `finish` of a bolt, `end` of a spout. */
  finished(task: number, sources: readonly number[]): void {
    this.progress();
    if (this.#finished.has(task)) this.#world.break(`task ${task} finishes twice`);
    this.#finished.add(task);
    for (const source of sources) {
      if (!this.#finished.has(source)) {
        this.#world.break(`task ${task} finishes before its source ${source}`);
      }
      const channel = this.#channel(source, task);
      const missing = channel.sequences.length - channel.head;
      if (missing > 0 && !this.#mayLose) {
        this.#world.break(`task ${task} finishes with ${missing} tuples of ${source} missing`);
      }
    }
  }

  /** Whether `task` has finished. */
  hasFinished(task: number): boolean {
    return this.#finished.has(task);
  }

  /** Tuples that were emitted and not executed. */
  missing(): number {
    let sum = 0;
    for (const channel of this.#channels.values()) {
      sum += channel.sequences.length - channel.head + channel.lost;
    }
    return sum;
  }
}
