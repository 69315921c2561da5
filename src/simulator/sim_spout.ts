/**
 * A simulated spout: offsets from a source that can be read again. Where
 * tuples are followed it keeps the lowest offset that is not done outside the
 * process, and emits again what failed; elsewhere it goes on behind what it emitted.
 */

import type {
  FailReason,
  ISpout,
  MaybePromise,
  SpoutOutputCollector,
  TopologyContext,
} from "../api/mod.ts";
import type { MessageId } from "./message_id.ts";
import { between } from "./random_choice.ts";
import { lifeNumber, SimCode, type UserCodeOptions } from "./sim_code.ts";

/** A spout of simulated tuples. */
export class SimSpout implements ISpout {
  readonly #code: SimCode;
  readonly #done = new Set<number>();
  readonly #failed: MessageId[] = [];
  #collector: SpoutOutputCollector | undefined;
  #next: number;
  #isActive = false;
  #emits = 0;

  /** The spout of one task. */
  constructor(options: UserCodeOptions) {
    this.#code = new SimCode(options);
    this.#next = options.durable.startOf(options.taskId);
  }

  open(_config: unknown, context: TopologyContext, collector: SpoutOutputCollector): void {
    this.#collector = collector;
    this.#code.open(context, collector);
  }

  activate(): void {
    this.#switch(true);
  }

  deactivate(): void {
    this.#switch(false);
  }

  #switch(isActive: boolean): void {
    const { world, taskId, activated } = this.#code.options;
    const word = isActive ? "activated" : "deactivated";
    if (this.#isActive === isActive) world.break(`spout task ${taskId} is ${word} twice in a row`);
    this.#isActive = isActive;
    activated(isActive);
  }

  /** Spouts before a cycle whose emptiness nobody sees end by a drain only. */
  get #isEndless(): boolean {
    const { isCyclic, isAcked } = this.#code.options;
    return isCyclic && !isAcked;
  }

  get #isOver(): boolean {
    return this.#next >= this.#code.options.behaviour.tuples && this.#failed.length === 0;
  }

  nextTuple(): MaybePromise<void> {
    const { options, random } = this.#code;
    const { ledger, world, taskId, life, behaviour, isAcked } = options;
    if (!isAcked && ledger.hasFinished(taskId, lifeNumber(life))) {
      world.break(`spout task ${taskId} is called after its end`);
    }
    if (!this.#isActive) world.break(`spout task ${taskId} is called while it is deactivated`);
    if (options.isPaused()) world.break(`spout task ${taskId} is called while it is paused`);
    if (this.#isOver && this.#isEndless) return;
    if (behaviour.idleCalls > 0 && random.below(behaviour.idleCalls) === 0) return;
    return this.#code.call(() => this.#emitSome());
  }

  #emitSome(): void {
    const { options, random } = this.#code;
    const { behaviour, ledger, taskId, life } = options;
    for (let left = between(random, 1, behaviour.emitsInCall); left > 0 && !this.#isOver; left--) {
      this.#emitNext();
    }
    ledger.progress();
    if (!this.#isOver || this.#isEndless) return;
    // Where tuples are followed, a failure takes the end back.
    if (!options.isAcked) ledger.finished({ task: taskId, life: lifeNumber(life) }, []);
    this.#collector?.end();
    // It rests by itself, until something that it emitted fails.
    options.activated(false);
  }

  #emitNext(): void {
    const { taskId, isAcked, durable } = this.#code.options;
    const failed = this.#failed.shift();
    const offset = failed?.offset ?? this.#next++;
    this.#emit(offset, failed === undefined ? 0 : failed.retries + 1);
    if (!isAcked) durable.store(taskId, this.#next);
  }

  #emit(offset: number, retries: number): void {
    const { taskId, component, life, plan, roots, isAcked } = this.#code.options;
    const attempt = (lifeNumber(life) * 1_024 + taskId) * 2 ** 16 + ++this.#emits;
    const messageId: MessageId = { task: taskId, offset, retries, attempt };
    const tuple = plan.ofOffset(component, taskId, offset);
    if (isAcked) roots.opened(messageId, life);
    this.#code.emit(tuple, { attempt, retries }, isAcked ? { messageId } : undefined);
  }

  ack(messageId: unknown): MaybePromise<void> {
    const id = asMessageId(messageId);
    const { taskId, component, life, plan, roots, durable, behaviour } = this.#code.options;
    const tuple = plan.ofOffset(component, taskId, id.offset);
    roots.acked(id, life, { plan, component, tuple });
    this.#done.add(id.offset);
    let position = durable.positionOf(taskId);
    while (this.#done.delete(position)) position++;
    durable.store(taskId, position);
    if (behaviour.style !== "promises" || this.#code.random.unit() < 0.7) return;
    return this.#code.options.process.sleep(this.#code.random.unit() * 3);
  }

  fail(messageId: unknown, reason: FailReason): MaybePromise<void> {
    const id = asMessageId(messageId);
    const { life, roots, ledger, behaviour, activated } = this.#code.options;
    roots.failed(id, life, reason);
    activated(this.#isActive);
    ledger.progress();
    // Either at once, or when it is asked for more.
    if (behaviour.replaysInFail) this.#emit(id.offset, id.retries + 1);
    else this.#failed.push(id);
  }
}

function asMessageId(messageId: unknown): MessageId {
  // Only what this spout emitted comes back to it.
  return messageId as MessageId;
}
