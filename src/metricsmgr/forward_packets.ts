/**
 * Puts what the topology master is told into packets of bounded bytes. A source that is longer
 * goes on in the next packet, under the same time. Pure.
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type { ForwardMetricsSchema } from "../base/gen/heron_bin/packet_pb.ts";
import type { ExceptionRecord } from "./metric_record.ts";

/** A packet for the topology master. */
export type ForwardInit = MessageInitShape<typeof ForwardMetricsSchema>;

/** Whose reports follow, and of when. */
export interface ForwardedSource {
  readonly component: string;
  readonly instance: string;
  readonly timeMs: number;
}

interface Entry extends ForwardedSource {
  readonly names: number[];
  readonly values: number[];
  readonly exceptions: ExceptionRecord[];
}

/** Field number and length of a text, a message or packed numbers. */
const HEAD_BYTES = 8;
/** A name's number and a value. */
const VALUE_BYTES = 5 + 8;
const ENTRY_BYTES = 6 * HEAD_BYTES;
const PACKET_BYTES = 6 * HEAD_BYTES;
/** Of a stack or message no more is kept there, in characters. */
const TEXT_LENGTH_MAX = 4096;
/** Of what says the time of an exception. */
const TIME_LENGTH_MAX = 64;

/** Packets as they are filled. */
export class ForwardPackets {
  readonly #bytesMax: number;
  readonly #sentMs: number;
  readonly #packets: ForwardInit[] = [];
  #names: string[] = [];
  #entries: Entry[] = [];
  #bytes = PACKET_BYTES;
  #source: ForwardedSource = { component: "", instance: "", timeMs: 0 };
  #entry: Entry | undefined;

  /** Packets of at most `bytesMax` bytes that are sent at `sentMs`. */
  constructor(bytesMax: number, sentMs: number) {
    this.#bytesMax = bytesMax;
    this.#sentMs = sentMs;
  }

  /** Begins with the report of a source; false: its name is too long to be told. */
  begin(source: ForwardedSource): boolean {
    if (entryBytes(source) > this.#bytesMax / 4) return false;
    this.#source = source;
    this.#entry = undefined;
    this.#entryFor(0);
    return true;
  }

  /** A value of it, by the number of its name; `newName` is told before. */
  value(name: number, value: number, newName?: string): void {
    const nameBytes = newName === undefined ? 0 : textBytes(newName);
    const entry = this.#entryFor(VALUE_BYTES + nameBytes);
    if (newName !== undefined) this.#names.push(newName);
    entry.names.push(name);
    entry.values.push(value);
  }

  /** An exception of it. */
  exception(told: ExceptionRecord): void {
    const exception = {
      ...told,
      stacktrace: told.stacktrace.slice(0, TEXT_LENGTH_MAX),
      logging: told.logging.slice(0, TEXT_LENGTH_MAX),
      firsttime: told.firsttime.slice(0, TIME_LENGTH_MAX),
      lasttime: told.lasttime.slice(0, TIME_LENGTH_MAX),
    };
    const { stacktrace, logging, firsttime, lasttime } = exception;
    const bytes = [stacktrace, logging, firsttime, lasttime].reduce(
      (sum, text) => sum + textBytes(text),
      2 * HEAD_BYTES,
    );
    this.#entryFor(bytes).exceptions.push(exception);
  }

  /** The packets, in the order in which they are sent. */
  take(): ForwardInit[] {
    this.#cut();
    return this.#packets;
  }

  /** Where the report of the source goes on, with room for `bytes` more. */
  #entryFor(bytes: number): Entry {
    if (this.#entry === undefined || this.#bytes + bytes > this.#bytesMax) {
      const headBytes = entryBytes(this.#source);
      if (this.#bytes + headBytes + bytes > this.#bytesMax) this.#cut();
      this.#entry = { ...this.#source, names: [], values: [], exceptions: [] };
      this.#entries.push(this.#entry);
      this.#bytes += headBytes;
    }
    this.#bytes += bytes;
    return this.#entry;
  }

  #cut(): void {
    if (this.#entries.length === 0) return;
    this.#packets.push({ names: this.#names, sources: this.#entries, sentMs: this.#sentMs });
    this.#names = [];
    this.#entries = [];
    this.#entry = undefined;
    this.#bytes = PACKET_BYTES;
  }
}

function entryBytes({ component, instance }: ForwardedSource): number {
  return ENTRY_BYTES + textBytes(component) + textBytes(instance);
}

function textBytes(text: string): number {
  return HEAD_BYTES + Buffer.byteLength(text);
}
