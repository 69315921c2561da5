/**
 * A tuple as user code sees it: a range of its batch until a value is asked
 * for. The batch's bytes live as long as one of its tuples does.
 */

import { type Fields, TupleBase } from "../../api/mod.ts";
import { HeronError } from "../../base/mod.ts";
import {
  FirstStrings,
  readValue,
  type RootRange,
  type RootReader,
  type RootSource,
  ValueReader,
} from "../../tuples/mod.ts";
import type { SampledTimes } from "./sampled_times.ts";

/** Where a tuple came from and what its values are called; shared by all tuples of a stream's source. */
export interface TupleOrigin {
  readonly component: string;
  readonly stream: string;
  readonly source: RootSource;
  readonly fields: Fields;
  /** Reads its values; absent: the one for all, which knows no class of the user. */
  readonly reader?: ValueReader | undefined;
  /** Its place among the inputs of the bolt. @default 0 */
  readonly input?: number;
  /** How long values take to be decoded. @default nobody asks */
  readonly times?: SampledTimes | undefined;
}

/** Where a tuple lies in its batch. */
export interface TupleRange extends RootRange {
  /** Its encoded values. */
  readonly valuesStart: number;
  readonly valuesEnd: number;
}

/** In the place of values that were not read yet. */
const UNREAD = Symbol();

/** Reading calls no user code, so one of each serves all tuples. */
const READER = new ValueReader(new Uint8Array(0));
const FIRST = new FirstStrings();

/** Looks up what the tuples behind `tuple` in its batch begin with, as far as that is strings that came before. */
export function lookAhead({ bytes, valuesEnd }: TupleView): void {
  FIRST.lookAhead(bytes, valuesEnd);
}

/** A lazily decoded tuple. */
export class TupleView extends TupleBase implements RootRange {
  readonly #origin: TupleOrigin;
  /** The batch that it lies in. */
  readonly bytes: Uint8Array;
  /** Range of its encoded values. */
  readonly valuesStart: number;
  readonly valuesEnd: number;
  /** Range of its encoded roots; start equals end when it has none. */
  readonly rootsStart: number;
  /** Negative, as its complement, once the tuple is done: a ninth field would take it from 80 to 112 B. */
  #rootsEnd: number;
  /** Of a tuple of one field its value, without an array around it; of others an array of all. */
  #values: unknown = UNREAD;
  /** Keys of what was anchored to it, by the place of its root: low half, high half. */
  #keys: number[] | undefined;

  /** A view on an encoded tuple; the range is read at once. */
  constructor(origin: TupleOrigin, range: TupleRange) {
    super();
    this.#origin = origin;
    this.bytes = range.bytes;
    this.valuesStart = range.valuesStart;
    this.valuesEnd = range.valuesEnd;
    this.rootsStart = range.rootsStart;
    this.#rootsEnd = range.rootsEnd;
  }

  get rootsEnd(): number {
    return this.#rootsEnd < 0 ? ~this.#rootsEnd : this.#rootsEnd;
  }

  /** It was acked or failed. */
  get isDone(): boolean {
    return this.#rootsEnd < 0;
  }

  /** It is acked or failed from now on. */
  settle(): void {
    this.#rootsEnd = ~this.rootsEnd;
  }

  /** The place of its stream among the inputs of the bolt. */
  get input(): number {
    return this.#origin.input ?? 0;
  }

  /** Who sent it. */
  get source(): RootSource {
    return this.#origin.source;
  }

  /** Sets `reader` in front of the tuple's roots. */
  openRoots(reader: RootReader): void {
    reader.open(this, this.#origin.source);
  }

  /** A copy of what is anchored to this tuple has this key under the root at `place`. */
  addKey(place: number, low: number, high: number): void {
    const keys = this.#keys ??= [0, 0];
    keys[2 * place] = (keys[2 * place] ?? 0) ^ low;
    keys[2 * place + 1] = (keys[2 * place + 1] ?? 0) ^ high;
  }

  /** Something that is anchored to it has a key. */
  get hasKeys(): boolean {
    return this.#keys !== undefined;
  }

  /** Low half of all keys added under the root at `place`. */
  keyLowOf(place: number): number {
    return this.#keys === undefined ? 0 : this.#keys[2 * place] ?? 0;
  }

  /** High half of the same. */
  keyHighOf(place: number): number {
    return this.#keys === undefined ? 0 : this.#keys[2 * place + 1] ?? 0;
  }

  /** Its values were read. */
  get isRead(): boolean {
    return this.#values !== UNREAD;
  }

  /** Reads its value if `lookAhead` found it, and nobody asks how long that takes. Throws nothing. */
  readKnown(): void {
    if (!this.#isOne() || this.#origin.times?.isOn === true) return;
    const reader = READER;
    reader.bytes = this.bytes;
    reader.at = this.valuesStart;
    reader.end = this.valuesEnd;
    const known = FIRST.known(reader);
    if (known !== undefined && reader.at === this.valuesEnd) this.#values = known;
  }

  override getValues(): readonly unknown[] {
    const values = this.#read();
    // Of other than one field they are read as an array.
    return this.#isOne() ? [values] : values as readonly unknown[];
  }

  #isOne(): boolean {
    return this.#origin.fields.size() === 1;
  }

  #read(): unknown {
    if (this.#values === UNREAD) this.#values = this.#decode();
    return this.#values;
  }

  #decode(): unknown {
    const { times } = this.#origin;
    return times?.isOn === true ? this.#decodeTimed(times) : this.#decodeNow();
  }

  #decodeTimed(times: SampledTimes): unknown {
    const startMs = times.nowMs();
    const values = this.#decodeNow();
    times.add(this.input, startMs);
    return values;
  }

  #decodeNow(): unknown {
    const { fields, reader = READER } = this.#origin;
    reader.bytes = this.bytes;
    reader.at = this.valuesStart;
    reader.end = this.valuesEnd;
    const count = fields.size();
    const first = count === 0 ? undefined : FIRST.read(reader) ?? readValue(reader);
    if (count === 1 && reader.at === this.valuesEnd) return first;
    const values = count === 0 ? [] : [first];
    for (let index = 1; index < count; index++) values.push(readValue(reader));
    if (reader.at !== this.valuesEnd) throw this.#corrupt(this.valuesEnd - reader.at, count);
    return values;
  }

  #corrupt(restBytes: number, values: number): HeronError {
    const { component, stream } = this.#origin;
    return new HeronError(
      "corrupt",
      `Read a tuple of "${component}", stream "${stream}": found ${restBytes} B behind its ` +
        `${values} values, expected none`,
    );
  }

  override getValue(index: number): unknown {
    const read = this.#read();
    if (this.#isOne()) {
      if (index === 0) return read;
    } else {
      // Of other than one field they are read as an array.
      const values = read as readonly unknown[];
      if (index >= 0 && index < values.length) return values[index];
    }
    throw new RangeError(
      `Read value ${index} of a tuple: not found, expected 0 to ${this.size() - 1}`,
    );
  }

  override getFields(): Fields {
    return this.#origin.fields;
  }

  override getSourceComponent(): string {
    return this.#origin.component;
  }

  override getSourceStreamId(): string {
    return this.#origin.stream;
  }

  override getSourceTask(): number {
    return this.#origin.source.task;
  }
}
