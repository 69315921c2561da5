/**
 * Where a broken build is put together: what passes the ports of the real
 * cores may be changed, held back or dropped. The one here changes nothing.
 */

import type { IBolt, ISpout } from "../api/mod.ts";
import type { SystemConfig } from "../base/config/mod.ts";
import type { PlanUpdate } from "../base/gen/heron_bin/packet_pb.ts";
import type { Random } from "../base/mod.ts";
import {
  type CreditTable,
  type InChannel,
  SlotCloser,
  type SlotMemory,
  SlotOpener,
  type TaskLife,
} from "../tuples/mod.ts";

/** Which connection a frame is sent on, and by whom. */
export type LinkKind =
  | "instance_to_stmgr"
  | "stmgr_to_instance"
  | "peer"
  | "tm";

/** Sends a frame at the end of what happens now. */
export type SendLater = (bytes: Uint8Array) => void;

/** An end of a link, as far as broken builds look at it. */
export interface WayEnd {
  readonly process: { readonly name: string };
  readonly other: WayEnd | undefined;
}

/** Where a frame goes. */
export interface Way {
  /** The sender's end of the link. */
  readonly end: WayEnd;
  /** Sends behind what else is sent now. */
  readonly later: SendLater;
}

/** Under what a topology master acts. */
export type MasterTerm = Pick<PlanUpdate, "schedulerEpoch" | "leaseNumber">;

/** Changes what passes between the cores of one run. */
export interface Interposer {
  /** What is sent in place of `bytes`. */
  frame(kind: LinkKind, bytes: Uint8Array, way: Way): readonly Uint8Array[];
  /** What an instance takes of a frame that came. */
  taken(bytes: Uint8Array, task: number): readonly Uint8Array[];
  /** False: the ring of a doorbell is lost. */
  bell(): boolean;
  /** The credit table that the executor reads and the gateway writes. */
  credit(table: CreditTable): CreditTable;
  /** The receiving ends of the channels to a task, before anything came. */
  channels(channels: readonly InChannel[]): void;
  /** The slots of a spout, as its executor has them. */
  opener(slots: SlotMemory): SlotOpener;
  /** The slots of a spout, as its gateway has them; without a time-out none is ever too late. */
  closer(slots: SlotMemory, timeoutMs: number | undefined): SlotCloser;
  /** Chance, as a task has it. */
  random(random: Random): Random;
  /** The settings of all tasks. */
  config(config: SystemConfig): SystemConfig;
  /** User code of a task. */
  userCode<Code extends ISpout | IBolt>(code: Code): Code;
  /** A plan of an older topology master that comes late. */
  stalePlan(stale: PlanUpdate, current: PlanUpdate): PlanUpdate;
  /** A grant for an earlier life of a task that comes to `life` of it. */
  staleGrant(frame: Uint8Array, life: TaskLife): Uint8Array;
  /** A word of a topology master, as a stream manager takes it. */
  fromMaster<Word extends MasterTerm>(word: Word): Word;
  /** The life in which somebody says hello and registers. */
  helloLife(id: string, life: TaskLife): TaskLife;
  /** The life that a supervisor gives a process. */
  life(id: string, life: TaskLife): TaskLife;
  /** True: a replaced process takes a path, or writes a record, from its replacement. */
  lateRename(): boolean;
  /** Whether the topology is to be active, as its master hears it; undefined: it does not. */
  activation(isActive: boolean): boolean | undefined;
  /** False: a task does not wait until its end is stored before it tells those it sends to. */
  endWaits(): boolean;
}

/** Changes nothing. */
export const HONEST: Interposer = Object.freeze({
  frame: (_kind: LinkKind, bytes: Uint8Array) => [bytes],
  taken: (bytes: Uint8Array) => [bytes],
  bell: () => true,
  credit: (table: CreditTable) => table,
  channels: () => {},
  opener: (slots: SlotMemory) => new SlotOpener(slots),
  closer: (slots: SlotMemory, timeoutMs: number | undefined) =>
    new SlotCloser(slots, { timeoutMs }),
  random: (random: Random) => random,
  config: (config: SystemConfig) => config,
  fromMaster: <Word extends MasterTerm>(word: Word) => word,
  helloLife: (_id: string, life: TaskLife) => life,
  userCode: <Code extends ISpout | IBolt>(code: Code) => code,
  stalePlan: (stale: PlanUpdate) => stale,
  staleGrant: (frame: Uint8Array) => frame,
  life: (_id: string, life: TaskLife) => life,
  lateRename: () => false,
  activation: (isActive: boolean) => isActive,
  endWaits: () => true,
});
