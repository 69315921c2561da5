/** A spout in whose place the test emits. */

import {
  DEFAULT_STREAM,
  type ISpout,
  type SpoutOutputCollector,
  type TopologyContext,
} from "../api/mod.ts";
import type { MockEmit, MockTuple } from "./options.ts";

/** A tuple that waits for its task. */
export interface WaitingTuple {
  readonly stream: string;
  readonly values: readonly unknown[];
  readonly messageId: unknown;
}

/** The tuples of one mocked spout; they outlive its tasks. */
export class MockInput {
  readonly #queues: readonly WaitingTuple[][];
  readonly #isFollowed: boolean;
  #count = 0;
  /** No more will come. */
  hasEnded = false;

  /** `isFollowed`: tuples without a message id are given one. */
  constructor(tasks: number, isFollowed: boolean) {
    this.#queues = Array.from({ length: tasks }, () => []);
    this.#isFollowed = isFollowed;
  }

  /** Some task has not emitted all. */
  get isWaiting(): boolean {
    return this.#queues.some(({ length }) => length > 0);
  }

  /** Adds a tuple behind the others of its task. @throws RangeError when there is no such task */
  add(tuple: MockTuple): void {
    const said: MockEmit = isList(tuple) ? { values: tuple } : tuple;
    const place = this.#count++;
    const { stream = DEFAULT_STREAM, taskIndex = place % this.#queues.length } = said;
    const messageId = said.messageId ?? (this.#isFollowed ? place : undefined);
    const queue = this.#queues[taskIndex];
    if (queue === undefined) {
      throw new RangeError(
        `Emit from a mocked spout: found task index ${taskIndex}, expected 0 to ${
          this.#queues.length - 1
        }`,
      );
    }
    queue.push({ stream, values: said.values, messageId });
  }

  /** Takes the next tuple of a task. */
  take(taskIndex: number): WaitingTuple | undefined {
    return this.#queues[taskIndex]?.shift();
  }
}

/** What mocked spouts emit at first, by their names. */
export function mockInputs(
  spouts: Readonly<Record<string, readonly MockTuple[]>>,
  { tasksOf, isFollowed }: { tasksOf(spout: string): number; isFollowed: boolean },
): ReadonlyMap<string, MockInput> {
  const inputs = new Map<string, MockInput>();
  for (const [name, tuples] of Object.entries(spouts)) {
    const input = new MockInput(tasksOf(name), isFollowed);
    for (const tuple of tuples) input.add(tuple);
    inputs.set(name, input);
  }
  return inputs;
}

function isList(tuple: MockTuple): tuple is readonly unknown[] {
  return Array.isArray(tuple);
}

/** The spout of one task: emits what is there. */
export class MockSpout implements ISpout {
  readonly #input: MockInput;
  #collector: SpoutOutputCollector | undefined;
  #taskIndex = 0;

  /** A spout that emits what comes into `input`. */
  constructor(input: MockInput) {
    this.#input = input;
  }

  open(_config: unknown, context: TopologyContext, collector: SpoutOutputCollector): void {
    this.#collector = collector;
    this.#taskIndex = context.getThisTaskIndex();
  }

  nextTuple(): void {
    const tuple = this.#input.take(this.#taskIndex);
    if (tuple !== undefined) {
      this.#collector?.emit(tuple.stream, tuple.values, tuple.messageId);
    } else if (this.#input.hasEnded) this.#collector?.end();
  }
}
