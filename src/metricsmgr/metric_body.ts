/**
 * Reads what a process publishes, without protobuf-es where it is metrics alone: a metrics manager
 * shares its machine with tuples, and its code runs too seldom to be compiled well. A process
 * publishes the same names in the same order each time, so they are compared and not made anew.
 */

import { fromBinary } from "@bufbuild/protobuf";
import {
  MetricDatumSchema,
  type MetricPublisherPublishMessage,
  MetricPublisherPublishMessageSchema,
} from "../base/gen/heron/metrics_pb.ts";
import { HeronError } from "../base/mod.ts";
import {
  packedSize,
  packedValue,
  readVarint,
  VARINT_INCOMPLETE,
  VARINT_MALFORMED,
} from "../base/wire/mod.ts";
import type { MetricRecord } from "./metric_record.ts";

/** What was published. */
export type Published = Pick<MetricRecord, "metrics" | "exceptions">;

/** Protobuf's type of what has a length before it. */
const WITH_LENGTH = 2;
const METRIC_TAG = MetricPublisherPublishMessageSchema.field.metrics.number << 3 | WITH_LENGTH;
const NAME_TAG = MetricDatumSchema.field.name.number << 3 | WITH_LENGTH;
const VALUE_TAG = MetricDatumSchema.field.value.number << 3 | WITH_LENGTH;

/** Names of users may be without end. */
const NAMES_MAX = 4096;

/** A name: its bytes, each as a character, and what they say. */
interface Name {
  readonly key: string;
  readonly text: string;
}

/** Where the content of a field is. */
class Field {
  readonly #tag: number;
  start = 0;
  end = 0;

  constructor(tag: number) {
    this.#tag = tag;
  }

  /** Whether the field is at `at`, whole before `endMax`; takes note of where its content is. */
  isAt(at: number, body: Uint8Array, endMax: number): boolean {
    const packed = body[at] === this.#tag ? readVarint(body, at + 1, endMax) : VARINT_INCOMPLETE;
    if (packed === VARINT_INCOMPLETE || packed === VARINT_MALFORMED) return false;
    this.start = at + 1 + packedSize(packed);
    this.end = this.start + packedValue(packed);
    return this.end <= endMax;
  }
}

/** Reads the bodies that one process publishes. */
export class MetricBodies {
  /** Those of the last bodies, by their place. */
  readonly #names: Name[] = [];
  readonly #metric = new Field(METRIC_TAG);
  readonly #name = new Field(NAME_TAG);
  readonly #value = new Field(VALUE_TAG);

  /**
   * Reads a body; nothing of what it returns is a view on it. Values are decimal text.
   * @throws HeronError `protocol` when it is no publication
   */
  read(body: Uint8Array): Published {
    const buffer = Buffer.from(body.buffer, body.byteOffset, body.length);
    return this.#metricsIn(buffer) ?? decoded(buffer);
  }

  /** Undefined: it is not metrics alone, or written in another way. */
  #metricsIn(body: Buffer): Published | undefined {
    const text = body.toString("latin1");
    const metrics: { readonly name: string; readonly value: string }[] = [];
    const metric = this.#metric;
    const value = this.#value;
    for (let at = 0; at < body.length; at = metric.end) {
      const isUsual = metric.isAt(at, body, body.length) &&
        this.#name.isAt(metric.start, body, metric.end) &&
        value.isAt(this.#name.end, body, metric.end) && value.end === metric.end;
      if (!isUsual) return undefined;
      metrics.push({
        name: this.#nameAt(metrics.length, body, text),
        // A string of its own: a slice of the text would keep all of it.
        value: body.toString("latin1", value.start, value.end),
      });
    }
    return { metrics, exceptions: [] };
  }

  #nameAt(place: number, body: Buffer, text: string): string {
    const { start, end } = this.#name;
    const known = this.#names[place];
    if (known?.key.length === end - start && text.startsWith(known.key, start)) return known.text;
    const name = {
      key: body.toString("latin1", start, end),
      text: body.toString("utf8", start, end),
    };
    if (place < NAMES_MAX) this.#names[place] = name;
    return name.text;
  }
}

function decoded(body: Uint8Array): MetricPublisherPublishMessage {
  try {
    return fromBinary(MetricPublisherPublishMessageSchema, body);
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new HeronError(
      "protocol",
      `Read published metrics of ${body.length} B: "${found}", expected a message of them`,
      { cause },
    );
  }
}
