/**
 * The frame of a packet that publishes metrics and nothing else, written by hand: it is what each busy
 * process sends once a second between two batches of tuples. Names stay encoded from one time to the next.
 */

import {
  MetricDatumSchema,
  MetricPublisherPublishMessageSchema,
} from "../base/gen/heron/metrics_pb.ts";
import { PacketSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { varintSize, writeVarint } from "../base/wire/mod.ts";
import type { MetricValue } from "./metric_registry.ts";

/** Protobuf's type of what has a length before it. */
const WITH_LENGTH = 2;
const BODY_TAG = PacketSchema.field.publishMetrics.number << 3 | WITH_LENGTH;
const METRIC_TAG = MetricPublisherPublishMessageSchema.field.metrics.number << 3 | WITH_LENGTH;
const NAME_TAG = MetricDatumSchema.field.name.number << 3 | WITH_LENGTH;
const VALUE_TAG = MetricDatumSchema.field.value.number << 3 | WITH_LENGTH;

/** Names of users may be without end. */
const NAMES_MAX = 1024;

/** Writes frames. */
export class MetricFrames {
  /** By name: its field, whole, and the tag of the value behind it. */
  readonly #names = new Map<string, Uint8Array>();
  #scratch = Buffer.alloc(0);

  /** The frame; good until the next one is asked for. Values are decimal text. */
  frameOf(metrics: readonly MetricValue[]): Uint8Array {
    let bodyBytes = 0;
    for (const metric of metrics) bodyBytes += fieldSize(METRIC_TAG, this.#sizeOf(metric));
    const packetBytes = fieldSize(BODY_TAG, bodyBytes);
    const bytes = this.#room(varintSize(packetBytes) + packetBytes);
    let at = writeVarint(bytes, 0, packetBytes);
    at = writeVarint(bytes, writeVarint(bytes, at, BODY_TAG), bodyBytes);
    for (const metric of metrics) {
      const name = this.#nameOf(metric.name);
      at = writeVarint(bytes, writeVarint(bytes, at, METRIC_TAG), this.#sizeOf(metric));
      bytes.set(name, at);
      at = writeVarint(bytes, at + name.length, metric.value.length);
      at += bytes.write(metric.value, at, "latin1");
    }
    return bytes.subarray(0, at);
  }

  #sizeOf({ name, value }: MetricValue): number {
    return this.#nameOf(name).length + varintSize(value.length) + value.length;
  }

  #nameOf(name: string): Uint8Array {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= NAMES_MAX) this.#names.clear();
    const text = Buffer.from(name);
    const bytes = new Uint8Array(fieldSize(NAME_TAG, text.length) + varintSize(VALUE_TAG));
    const at = writeVarint(bytes, writeVarint(bytes, 0, NAME_TAG), text.length);
    bytes.set(text, at);
    writeVarint(bytes, at + text.length, VALUE_TAG);
    this.#names.set(name, bytes);
    return bytes;
  }

  #room(size: number): Buffer {
    if (this.#scratch.length < size) this.#scratch = Buffer.alloc(2 * size);
    return this.#scratch;
  }
}

function fieldSize(tag: number, length: number): number {
  return varintSize(tag) + varintSize(length) + length;
}
