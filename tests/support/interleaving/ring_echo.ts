/**
 * The other thread of the ring's stress test: sends each record back as it
 * came, compares it on the way, and sleeps and dawdles at random. Also the
 * records themselves, which both threads know from one seed.
 */

import { sleepAt, takeRecord } from "../bridges.ts";
import { type Random, seededRandom } from "../../../src/base/mod.ts";
import { Doorbell, type RingMemory, RingReader, RingWriter } from "../../../src/tuples/mod.ts";

/** What the two threads share. */
export interface EchoOrder {
  readonly records: number;
  readonly seed: number;
  readonly there: RingMemory;
  readonly back: RingMemory;
  readonly mainBell: SharedArrayBuffer;
  readonly workerBell: SharedArrayBuffer;
}

const LARGE_BYTES = 2_000;
const SMALL_BYTES = 100;

/** The records of an order, one after the other. */
export class EchoRecords {
  readonly #random: Random;
  readonly #noise: Buffer;
  /** How many lie behind. */
  index = 0;
  #start = 0;
  #end = 0;

  /** The first record of `order`. */
  constructor(order: EchoOrder) {
    this.#random = seededRandom(order.seed);
    this.#noise = Buffer.from(
      Array.from({ length: 4 * LARGE_BYTES }, () => this.#random.below(256)),
    );
    this.#draw();
  }

  /** Goes to the next record. */
  advance(): void {
    this.index++;
    this.#draw();
  }

  /** False: there is no room. */
  putInto(writer: RingWriter): boolean {
    return writer.put(this.#noise, this.#start, this.#end);
  }

  /**
   * Takes the record out of `reader`; false: there is none.
   * @throws Error when it is another
   */
  compareWith(reader: RingReader): boolean {
    const found = takeRecord(reader);
    if (found === undefined) return false;
    if (this.#noise.compare(found, 0, found.length, this.#start, this.#end) !== 0) {
      throw new Error(`Record ${this.index} is not what was sent`);
    }
    reader.release();
    return true;
  }

  /** One in 32 is large, up to nearly half of the smaller ring. */
  #draw(): void {
    const isLarge = this.#random.below(32) === 0;
    this.#start = this.#random.below(2 * LARGE_BYTES);
    this.#end = this.#start + this.#random.below(isLarge ? LARGE_BYTES : SMALL_BYTES);
  }
}

/** Sends back all that comes, until the ring is closed. */
async function echo(order: EchoOrder): Promise<void> {
  const bell = new Doorbell(new Int32Array(order.workerBell));
  const mainBell = new Doorbell(new Int32Array(order.mainBell));
  const reader = new RingReader(order.there, mainBell);
  const writer = new RingWriter(order.back, mainBell);
  const records = new EchoRecords(order);
  const random = seededRandom(order.seed + 1);
  let holds = false;
  const canGoOn = () => {
    if (!holds) holds = records.compareWith(reader);
    if (!holds || !records.putInto(writer)) return false;
    holds = false;
    records.advance();
    return true;
  };
  while (!reader.isClosed) {
    if (canGoOn()) {
      if (random.below(2_000) === 0) await Bun.sleep(1);
      continue;
    }
    const ticket = bell.prepareSleep();
    if (canGoOn() || reader.isClosed) bell.cancelSleep();
    else if (random.below(2) === 0) bell.sleepBlocking(ticket, random.below(2) ? undefined : 5_000);
    else await sleepAt(bell, ticket, random.below(2) === 0 ? undefined : 5_000);
  }
  if (records.index !== order.records) throw new Error(`Closed after ${records.index} records`);
}

if (!Bun.isMainThread) {
  // A Worker's global scope is its port; the types know only the main thread's.
  const port = globalThis as unknown as { onmessage: (event: MessageEvent<EchoOrder>) => void };
  port.onmessage = ({ data }) =>
    void echo(data).then(() => postMessage("ended"), (thrown) => postMessage(String(thrown)));
}
