/**
 * What one stream manager knows of losses: the lives of all tasks and stream
 * managers, the events of links, and whom it tells. Its own instances are told
 * all, in order with their data; its peers what it saw itself.
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { LossNotice, LossNoticeSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { encodeFrame, type HelloTable } from "../base/wire/mod.ts";
import type { TaskLife } from "../tuples/mod.ts";
import { LifeTable } from "./life_table.ts";
import { type LinkLoss, LossEvents } from "./loss_events.ts";

/** What losses cause. */
export interface LossPorts {
  /** For each own instance that is connected. */
  tellInstances(frame: Uint8Array): void;
  /** For each peer, held while its link is down. */
  tellPeers(frame: Uint8Array, except?: string): void;
  /** A link to this peer is open to an earlier life of it: it is to be ended. */
  endLink(stmgrId: string, nowMs: number): void;
  /** A later life of this stream manager lives. */
  replaced(life: TaskLife): void;
  /** Something for the log. */
  report(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** What `Losses` is made with. */
export interface LossesOptions {
  readonly stmgrId: string;
  readonly life: TaskLife;
  /** `loss.settle.ms`. */
  readonly settleMs: number;
  readonly ports: LossPorts;
}

/** Lives as they come in a hello, a welcome or a plan. */
export interface KnownLives {
  readonly tasks: readonly { task: number; incarnation?: TaskLife | undefined }[];
  readonly stmgrs: readonly { stmgr: string; incarnation?: TaskLife | undefined }[];
}

interface PeerLink {
  /** The notice of its last end, until it is open again. */
  lostId: number | undefined;
  /** What the other end tells of earlier links was settled when this one opened. */
  isSettled: boolean;
}

/** Losses, as one stream manager knows them. */
export class Losses {
  readonly #options: LossesOptions;
  readonly #tasks = new LifeTable<number>();
  readonly #stmgrs = new LifeTable<string>();
  readonly #events: LossEvents;
  readonly #links = new Map<string, PeerLink>();
  #lastId = 0;

  /** Nothing is lost yet. */
  constructor(options: LossesOptions) {
    this.#options = options;
    this.#events = new LossEvents({ settleMs: options.settleMs, nextId: () => ++this.#lastId });
    this.#stmgrs.learn(options.stmgrId, options.life);
  }

  /** When `timer` is due; undefined: nothing is unsettled. */
  get dueMs(): number | undefined {
    return this.#events.dueMs;
  }

  /** Settles what has waited long enough. */
  timer(nowMs: number): void {
    this.#tellLinks(this.#events.timer(nowMs));
  }

  /** All newest lives, for a hello or a welcome. */
  table(): HelloTable {
    return {
      tasks: Array.from(this.#tasks.entries(), ([task, incarnation]) => ({ task, incarnation })),
      stmgrs: Array.from(
        this.#stmgrs.entries(),
        ([stmgr, incarnation]) => ({ stmgr, incarnation }),
      ),
    };
  }

  /** Why this life of a task may not come; undefined: it may. */
  refuseTask(task: number, life: TaskLife | undefined): string | undefined {
    return this.#tasks.isReplaced(task, life) ? LATER_IS_KNOWN : undefined;
  }

  /** Why this life of a peer may not come; undefined: it may. */
  refusePeer(stmgrId: string, life: TaskLife | undefined): string | undefined {
    return this.#stmgrs.isReplaced(stmgrId, life) ? LATER_IS_KNOWN : undefined;
  }

  /** The connection of an own task has ended. */
  taskLost(task: number, life: TaskLife): void {
    this.#tasks.lose(task, life);
    // Also when a later life is known: what went over this connection is lost with it.
    this.#tellTask(task, life, true);
  }

  /** An own task registers: the loss of its earlier life is told, unless it was. */
  taskCame(task: number, life: TaskLife): void {
    const lost = this.#tasks.learn(task, life);
    if (lost !== undefined) this.taskLost(task, lost);
  }

  #tellTask(task: number, life: TaskLife, isOwn: boolean): void {
    this.#options.ports.report("task lost", { task, life: `${life.epoch}.${life.counter}` });
    const frame = noticeFrame({
      id: ++this.#lastId,
      lost: { case: "task", value: task },
      incarnation: life,
      settled: true,
    });
    this.#options.ports.tellInstances(frame);
    if (isOwn) this.#options.ports.tellPeers(frame);
  }

  /** Takes the lives that somebody else knows. */
  learn(lives: KnownLives, nowMs: number): void {
    for (const { task, incarnation } of lives.tasks) {
      const lost = this.#tasks.learn(task, incarnation);
      if (lost !== undefined && this.#tasks.lose(task, lost)) this.#tellTask(task, lost, false);
    }
    const { stmgrId, ports } = this.#options;
    for (const { stmgr, incarnation } of lives.stmgrs) {
      const older = this.#stmgrs.get(stmgr);
      this.#stmgrs.learn(stmgr, incarnation);
      const life = this.#stmgrs.get(stmgr);
      if (life === undefined || older === life) continue;
      if (stmgr !== stmgrId) ports.endLink(stmgr, nowMs);
      else ports.replaced(life);
    }
  }

  /** The link to a peer is open; the peer is in this life. */
  linkOpened(stmgrId: string): void {
    const { stmgrId: self, ports } = this.#options;
    const link = this.#linkTo(stmgrId);
    const settled = this.#events.reopened(self, stmgrId);
    link.isSettled = settled.length > 0;
    this.#tellLinks(settled);
    const { lostId } = link;
    link.lostId = undefined;
    if (lostId === undefined) return;
    ports.tellPeers(
      this.#linkFrame({ id: lostId, first: self, second: stmgrId, settled: true }),
      stmgrId,
    );
  }

  /** The link to a peer has ended. */
  linkLost(stmgrId: string, nowMs: number): void {
    const { stmgrId: self, ports } = this.#options;
    ports.report("link lost", { peer: stmgrId });
    const id = ++this.#lastId;
    this.#linkTo(stmgrId).lostId = id;
    // Also for the other end, once it is there again: it may have been started anew.
    ports.tellPeers(this.#linkFrame({ id, first: self, second: stmgrId, settled: false }));
    this.#tellLinks(this.#events.confirmed(self, stmgrId, nowMs));
  }

  #linkTo(stmgrId: string): PeerLink {
    let link = this.#links.get(stmgrId);
    if (link === undefined) {
      link = { lostId: undefined, isSettled: false };
      this.#links.set(stmgrId, link);
    }
    return link;
  }

  /** A peer tells of a loss that it saw. */
  takeNotice(from: string, notice: LossNotice, nowMs: number): void {
    const { lost, incarnation, settled } = notice;
    const { stmgrId: self } = this.#options;
    if (lost.case === "task" && incarnation !== undefined) {
      this.#tasks.lose(lost.value, incarnation);
      // First hand, so news, whichever lives are known.
      this.#tellTask(lost.value, incarnation, false);
      return;
    }
    if (lost.case !== "link" || lost.value.firstStmgr !== from) {
      this.#options.ports.report("notice ignored", { from, lost: lost.case });
      return;
    }
    const { secondStmgr: other } = lost.value;
    if (other === self) this.#takeWordOfOtherEnd(from, settled, nowMs);
    else if (settled) this.#tellLinks(this.#events.reopened(from, other));
    else this.#tellLinks(this.#events.confirmed(from, other, nowMs));
  }

  /** It waited for this link to open, so it speaks of earlier ones, and both ends know it. */
  #takeWordOfOtherEnd(from: string, settled: boolean, nowMs: number): void {
    const link = this.#linkTo(from);
    if (settled || link.isSettled) return;
    link.isSettled = true;
    const { stmgrId: self } = this.#options;
    this.#tellLinks(this.#events.confirmed(from, self, nowMs));
    this.#tellLinks(this.#events.reopened(from, self));
  }

  /** What an instance that just came is to know: its spouts wait until that is settled. */
  unsettledFrames(): Uint8Array[] {
    return this.#events.unsettled.map((loss) => this.#linkFrame(loss));
  }

  #tellLinks(losses: readonly LinkLoss[]): void {
    for (const loss of losses) {
      if (loss.settled) this.#options.ports.report("loss settled", { ...loss });
      this.#options.ports.tellInstances(this.#linkFrame(loss));
    }
  }

  #linkFrame({ id, first, second, settled }: LinkLoss): Uint8Array {
    const life = this.#stmgrs.get(second);
    return noticeFrame({
      id,
      lost: { case: "link", value: { firstStmgr: first, secondStmgr: second } },
      settled,
      ...(life === undefined ? {} : { incarnation: life }),
    });
  }
}

const LATER_IS_KNOWN = "a later incarnation is known";

function noticeFrame(notice: MessageInitShape<typeof LossNoticeSchema>): Uint8Array {
  return encodeFrame({ body: { case: "lossNotice", value: notice } });
}
