/**
 * The spout pause, as one stream manager sees it (PROTOCOL section 2). Sources
 * tell that they lack credit of one of its tasks; unless that task says at
 * once that half of its budget is free, it is announced to all stream managers
 * until it does, nobody waits for it any more, or it is lost. What a peer
 * announces holds as long as the link to it does.
 */

import type { NoCredit } from "../base/gen/heron_bin/packet_pb.ts";
import { Stopwatch } from "../base/mod.ts";
import { WAIT_REPEATED_AFTER_REPORTS } from "../tuples/mod.ts";
import { Culprit } from "./culprit.ts";

/** Times that a source repeats a wait before one that is not repeated is void: some may be lost. */
const REPEATS_LOST_MAX = 3;
/** A culprit has this part of `backpressure.report.ms` to say that it is none. */
const ANSWER_PART = 1 / 5;

/** What back pressure causes. */
export interface BackPressurePorts {
  /** Asks a task of this stream manager to say when half of its budget is free; false: it is not connected. */
  ask(task: number): boolean;
  /** Tells each peer that is connected what this stream manager announces. */
  tellPeers(culprits: readonly number[]): void;
  /** What is announced, here or by peers, has changed. */
  changed(culprits: ReadonlySet<number>): void;
}

/** What `BackPressure` is made with. */
export interface BackPressureOptions {
  /** `backpressure.report.ms`. */
  readonly reportMs: number;
  readonly ports: BackPressurePorts;
}

/** For how long something was announced, in ms. */
export interface AnnouncedMs {
  /** By this stream manager. */
  own(nowMs: number): number;
  /** By some peer. */
  byPeers(nowMs: number): number;
  /** One task of this stream manager. */
  of(task: number, nowMs: number): number;
}

/** Who is announced to be too slow. */
export class BackPressure implements AnnouncedMs {
  readonly #options: BackPressureOptions;
  readonly #culprits = new Map<number, Culprit>();
  readonly #byPeer = new Map<string, readonly number[]>();
  readonly #ownTime = new Stopwatch();
  readonly #peersTime = new Stopwatch();
  readonly #times = new Map<number, Stopwatch>();

  /** Nobody is. */
  constructor(options: BackPressureOptions) {
    this.#options = options;
  }

  /** The tasks that this stream manager announces, ascending. */
  get announced(): readonly number[] {
    const tasks: number[] = [];
    for (const [task, { isAnnounced }] of this.#culprits) if (isAnnounced) tasks.push(task);
    return tasks.sort((a, b) => a - b);
  }

  /** What a peer announces, as far as is known. */
  announcedBy(stmgrId: string): readonly number[] {
    return this.#byPeer.get(stmgrId) ?? [];
  }

  /** All that are announced, here or by peers that are connected. */
  get all(): ReadonlySet<number> {
    const all = new Set(this.announced);
    for (const tasks of this.#byPeer.values()) for (const task of tasks) all.add(task);
    return all;
  }

  /** When `timer` is due; undefined: nothing is. */
  get dueMs(): number | undefined {
    let due = Infinity;
    for (const { announceAtMs, voidAtMs } of this.#culprits.values()) {
      due = Math.min(due, announceAtMs ?? Infinity, voidAtMs ?? Infinity);
    }
    return due === Infinity ? undefined : due;
  }

  /** Does what is due. */
  timer(nowMs: number): void {
    for (const [task, culprit] of this.#culprits) {
      culprit.expire(nowMs);
      if (!culprit.isAwaited) this.#withdraw(task, nowMs);
      else if ((culprit.announceAtMs ?? Infinity) <= nowMs) this.#announce(task, culprit, nowMs);
    }
  }

  /** A source lacks credit of a task of this stream manager, or does no more. */
  noCredit(
    { culprit: task, source, incarnation: life, wait, over }: NoCredit,
    nowMs: number,
  ): void {
    const culprit = this.#culprits.get(task) ?? new Culprit();
    if (over) {
      culprit.end({ source, life, wait });
      if (!culprit.isAwaited) this.#withdraw(task, nowMs);
      return;
    }
    const { reportMs, ports } = this.#options;
    const voidAtMs = nowMs + reportMs * WAIT_REPEATED_AFTER_REPORTS * (REPEATS_LOST_MAX + 0.5);
    const wasAwaited = culprit.isAwaited;
    if (!culprit.take({ source, life, wait }, voidAtMs) || wasAwaited) return;
    // Who is not there is lost, and what is lost is not announced; the wait will be repeated.
    if (!ports.ask(task)) return;
    culprit.announceAtMs = nowMs + reportMs * ANSWER_PART;
    this.#culprits.set(task, culprit);
  }

  /** A task says that half of its budget is free. */
  relieved(task: number, nowMs: number): void {
    this.#culprits.get(task)?.answer();
    this.#withdraw(task, nowMs);
  }

  /** The connection of a task of this stream manager has ended. */
  taskLost(task: number, nowMs: number): void {
    this.#withdraw(task, nowMs);
    this.#culprits.delete(task);
  }

  #announce(task: number, culprit: Culprit, nowMs: number): void {
    culprit.announceAtMs = undefined;
    culprit.isAnnounced = true;
    this.#timeOf(task).set(true, nowMs);
    this.#tell(nowMs);
  }

  #withdraw(task: number, nowMs: number): void {
    const culprit = this.#culprits.get(task);
    if (culprit === undefined) return;
    culprit.announceAtMs = undefined;
    if (!culprit.isAnnounced) return;
    culprit.isAnnounced = false;
    this.#timeOf(task).set(false, nowMs);
    this.#tell(nowMs);
  }

  #tell(nowMs: number): void {
    const { announced } = this;
    this.#ownTime.set(announced.length > 0, nowMs);
    this.#options.ports.tellPeers(announced);
    this.#options.ports.changed(this.all);
  }

  /** A peer announces these tasks now, and no others. */
  peerAnnounces(stmgrId: string, culprits: readonly number[], nowMs: number): void {
    if (culprits.length > 0) this.#byPeer.set(stmgrId, [...culprits]);
    else if (!this.#byPeer.delete(stmgrId)) return;
    this.#peersTime.set(this.#byPeer.size > 0, nowMs);
    this.#options.ports.changed(this.all);
  }

  /** The link to a peer has ended: what it announced is void. */
  peerLost(stmgrId: string, nowMs: number): void {
    this.peerAnnounces(stmgrId, [], nowMs);
  }

  own(nowMs: number): number {
    return this.#ownTime.totalMs(nowMs);
  }

  byPeers(nowMs: number): number {
    return this.#peersTime.totalMs(nowMs);
  }

  of(task: number, nowMs: number): number {
    return this.#times.get(task)?.totalMs(nowMs) ?? 0;
  }

  #timeOf(task: number): Stopwatch {
    return this.#times.getOrInsertComputed(task, () => new Stopwatch());
  }
}
