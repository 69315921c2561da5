/**
 * The requests of one connection that wait for their answer: ids, time-outs, a limit.
 * Sending them is the connection's part.
 */

import type { Packet } from "../gen/heron_bin/packet_pb.ts";
import { type Clock, HeronError, type Timer } from "../mod.ts";

const ID_MAX = 0xffff_ffff;

interface Pending {
  readonly resolve: (packet: Packet) => void;
  readonly reject: (error: HeronError) => void;
  readonly timer: Timer;
}

/** A request that waits. */
export interface PendingRequest {
  readonly id: number;
  readonly answer: Promise<Packet>;
}

/** Gives ids to requests and matches answers to them. */
export class PendingRequests {
  readonly #clock: Clock;
  readonly #requestsMax: number;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(clock: Clock, requestsMax: number) {
    this.#clock = clock;
    this.#requestsMax = requestsMax;
  }

  /** How many wait. */
  get size(): number {
    return this.#pending.size;
  }

  /**
   * Opens a request; `describe` names it in the error of a time-out.
   * @throws HeronError `limit` when too many wait
   */
  open(timeoutMs: number, describe: () => string): PendingRequest {
    if (this.#pending.size >= this.#requestsMax) {
      throw new HeronError(
        "limit",
        `${describe()}: ${this.#pending.size} requests wait, expected fewer than ${this.#requestsMax}`,
      );
    }
    const id = this.#nextId();
    const { promise, resolve, reject } = Promise.withResolvers<Packet>();
    const timer = this.#clock.after(timeoutMs, () => {
      this.#pending.delete(id);
      reject(new HeronError("timeout", `${describe()}: no answer within ${timeoutMs} ms`));
    });
    this.#pending.set(id, { resolve, reject, timer });
    return { id, answer: promise };
  }

  /** Settles the request that `packet` answers; an answer that came too late is dropped. */
  settle(packet: Packet): void {
    const pending = this.#take(packet.responseTo);
    pending?.resolve(packet);
  }

  /** Forgets a request that could not be sent. */
  drop(id: number): void {
    this.#take(id);
  }

  /** Rejects all, as the connection has ended. */
  rejectAll(error: HeronError): void {
    for (const id of [...this.#pending.keys()]) this.#take(id)?.reject(error);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.timer.cancel();
    return pending;
  }

  #nextId(): number {
    do this.#lastId = this.#lastId === ID_MAX ? 1 : this.#lastId + 1; while (
      this.#pending.has(this.#lastId)
    );
    return this.#lastId;
  }
}
