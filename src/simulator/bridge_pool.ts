/** Memory of simulated instances, used again from run to run: a thousand runs take it once. */

import { CreditTable, Doorbell, type DoorbellHooks, type RingMemory } from "../tuples/mod.ts";

/** Bytes of shared words in front of a ring's records. */
const RING_HEADER_BYTES = 256;

/** The rings, bells and credit of one instance. */
export interface SimBridge {
  readonly dataIn: RingMemory;
  readonly dataOut: RingMemory;
  readonly credit: Int32Array;
}

/** Gives and takes back memory. */
export class BridgePool {
  readonly #free = new Map<number, SharedArrayBuffer[]>();
  readonly #used: SharedArrayBuffer[] = [];

  /** A ring whose positions begin at `startPosition`, near a wrap if one likes. */
  ring(capacityBytes: number, startPosition: number): RingMemory {
    const size = RING_HEADER_BYTES + capacityBytes;
    const buffer = this.#free.get(size)?.pop() ?? new SharedArrayBuffer(size);
    this.#used.push(buffer);
    const words = new Int32Array(buffer, 0, RING_HEADER_BYTES / 4);
    words.fill(0);
    const start = startPosition & ~(capacityBytes - 1);
    words[0] = words[16] = start;
    return { buffer, capacityBytes };
  }

  /** Takes all memory back. */
  reset(): void {
    for (const buffer of this.#used) {
      const list = this.#free.get(buffer.byteLength);
      if (list === undefined) this.#free.set(buffer.byteLength, [buffer]);
      else list.push(buffer);
    }
    this.#used.length = 0;
  }
}

/** A credit table of its own memory. */
export function createCredit(largestTaskId: number): CreditTable {
  return new CreditTable(new Int32Array(largestTaskId + 1));
}

/** A doorbell that tells `hooks` when its sleeping owner is rung. */
export function createBell(hooks: DoorbellHooks): Doorbell {
  return new Doorbell(new Int32Array(Doorbell.bytes / 4), hooks);
}
