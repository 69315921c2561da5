/**
 * Whom the scheduler of a topology works for: a command line at the other end of a pipe, or the state store
 * of a cluster. It says what is wanted, and is told what happens.
 */

import type { Logger } from "../base/mod.ts";
import type { PacketInit } from "../base/wire/mod.ts";

/** What an owner can want. */
export interface Orders {
  /** All are to end, in order. Idempotent. */
  stop(reason: string): void;
  /** The topology is to end as if each spout had ended. Idempotent. */
  drain(): void;
  /** A container is to end, in order, and to start again. */
  restart(container: number): void;
  /** Nobody is there to work for: all are killed, and this process ends. */
  lost(reason: string): void;
}

/** A container that is to run and cannot. */
export interface WaitingContainer {
  readonly container: number;
  /** Why, in words. */
  readonly reason: string;
}

/** The owner of a topology. */
export interface Owner {
  /** Orders may come from now on. */
  start(orders: Orders, logger: Logger): Promise<void> | void;
  /** What a container told, or what was seen of one; resolves when more may be told. */
  tell(packet: PacketInit): Promise<void>;
  /** Those that cannot be started before something changes, all of them. @default nobody is told */
  waits?(containers: readonly WaitingContainer[]): void;
  /** For how long nothing was on its way to it, in milliseconds; 0 while something is. */
  readonly idleMs: number;
  /** All containers have ended: resolves when the owner has all that it was told. */
  finish(): Promise<void>;
}
