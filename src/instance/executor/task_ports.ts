/** What a task core is made of, and what it needs from where it runs. */

import type { Topology } from "../../api/mod.ts";
import type { Random } from "../../base/mod.ts";
import type { SystemConfig } from "../../base/config/mod.ts";
import type { CreditTable, FrameSink, SlotOpener, TaskLife } from "../../tuples/mod.ts";
import type { UserMethod } from "../bridge.ts";
import type { TaskTeller } from "./onlookers.ts";
import type { TaskTotals } from "./work.ts";

/** What a task hands its packets to. */
export interface TaskSink extends FrameSink {
  /** Nothing waits for room: user code may be called. */
  hasRoom(): boolean;
}

/** What a task needs from where it runs. */
export interface TaskPorts extends TaskTeller {
  readonly sink: TaskSink;
  readonly credit: CreditTable;
  readonly random: Random;
  /** Where a spout's open tuples are followed; absent at most once, and for bolts. */
  readonly slots?: SlotOpener | undefined;
  /** Waits, blocking, until `isReady`; false where nothing can wait. */
  waitFor(isReady: () => boolean): boolean;
  /** The time now, on the clock that turns are given. */
  nowMs(): number;
  /** Something is to be done though no packet came: a turn is due. */
  requestTurn(): void;
  /**
   * Which method of user code is called, where it is not the one that most turns call; "": that
   * one again. Absent: nobody looks on.
   */
  calling?(method: UserMethod): void;
  /** The task has ended: its end is to be told, with what it counted. */
  ended(totals: TaskTotals): void;
  /** User code has done its first piece of work in this life. Once. */
  progressed(): void;
}

/** What a task is. */
export interface TaskOptions {
  readonly taskId: number;
  readonly life: TaskLife;
  readonly topology: Topology;
  readonly config: SystemConfig;
  readonly ports: TaskPorts;
}
