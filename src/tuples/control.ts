/**
 * Markers and grants, by hand in the form of `packet.proto`: they travel beside
 * batches and are as frequent as turns, so they make no message objects.
 */

import { encodeChannelHeader } from "./channel_header.ts";
import type { ChannelHeader, TaskLife } from "./channel_header.ts";
import { TAG, TAG_TO_TASK } from "./tags.ts";
import { VarintCursor, varintLength, writeVarint } from "./varint.ts";

/** The kinds of marker, with their numbers on the wire. */
export const MARKER_KIND = Object.freeze({ sync: 1, flush: 2, end: 3, checkpoint: 4, plan: 5 });

/** A marker in its place between batches. */
export interface Marker extends ChannelHeader {
  readonly offset: number;
  readonly kind: number;
  readonly id: number;
  readonly ended: boolean;
}

/** Credit: the source may send up to `limit` on the channel. */
export interface Grant {
  readonly sourceTask: number;
  readonly destinationTask: number;
  readonly source: TaskLife;
  readonly destination: TaskLife;
  readonly limit: number;
}

function encodeFields(packetTag: number, head: Uint8Array, fields: readonly number[]): Uint8Array {
  let body = head.length;
  for (let index = 1; index < fields.length; index += 2) {
    const value = fields[index] ?? 0;
    if (value !== 0) body += 1 + varintLength(value);
  }
  const packet = 1 + varintLength(body) + body;
  const bytes = new Uint8Array(varintLength(packet) + packet);
  let at = writeVarint(bytes, 0, packet);
  bytes[at++] = packetTag;
  at = writeVarint(bytes, at, body);
  bytes.set(head, at);
  at += head.length;
  for (let index = 0; index < fields.length; index += 2) {
    const value = fields[index + 1] ?? 0;
    if (value === 0) continue;
    bytes[at++] = (fields[index] ?? 0) << 3;
    at = writeVarint(bytes, at, value);
  }
  return bytes;
}

/** A whole frame with the marker; `header` is the channel's encoded header. */
export function encodeMarker(
  header: Uint8Array,
  marker: { offset: number; kind: number; id?: number; ended?: boolean },
): Uint8Array {
  const ended = marker.ended === true ? 1 : 0;
  const fields = [7, marker.offset, 8, marker.kind, 9, marker.id ?? 0, 10, ended];
  return encodeFields(TAG.packetMarker, header, fields);
}

/** A whole frame with the grant. */
export function encodeGrant(grant: Grant): Uint8Array {
  const head = encodeChannelHeader({
    destinationTask: grant.sourceTask,
    sourceTask: grant.destinationTask,
    sourceEpoch: grant.source.epoch,
    sourceCounter: grant.source.counter,
    planVersion: grant.destination.epoch,
    restoreEpoch: grant.destination.counter,
  });
  return encodeFields(TAG.packetGrant, head, [7, grant.limit]);
}

/** Reads up to ten varint fields of a body; unknown ones are skipped. */
function readFields(bytes: Uint8Array, start: number, end: number): number[] {
  const values = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const cursor = new VarintCursor(bytes, start, end);
  while (cursor.at < end) {
    const tag = cursor.next();
    const field = tag >>> 3;
    if ((tag & 7) === 0 && field >= 1 && field <= 10) values[field] = cursor.next();
    else cursor.skip(tag);
  }
  return values;
}

/**
 * The marker in the body between `start` and `end`.
 * @throws HeronError "protocol" when it is none
 */
export function decodeMarker(bytes: Uint8Array, start: number, end: number): Marker {
  const [, to = 0, from = 0, epoch = 0, counter = 0, plan = 0, restore = 0, ...rest] = readFields(
    bytes,
    start,
    end,
  );
  const [offset = 0, kind = 0, id = 0, ended = 0] = rest;
  return {
    destinationTask: to,
    sourceTask: from,
    sourceEpoch: epoch,
    sourceCounter: counter,
    planVersion: plan,
    restoreEpoch: restore,
    offset,
    kind,
    id,
    ended: ended !== 0,
  };
}

/**
 * The grant in the body between `start` and `end`.
 * @throws HeronError "protocol" when it is none
 */
export function decodeGrant(bytes: Uint8Array, start: number, end: number): Grant {
  const [, to = 0, from = 0, epoch = 0, counter = 0, granterEpoch = 0, granterCounter = 0, limit] =
    readFields(bytes, start, end);
  return {
    sourceTask: to,
    destinationTask: from,
    source: { epoch, counter },
    destination: { epoch: granterEpoch, counter: granterCounter },
    limit: limit ?? 0,
  };
}

/**
 * The task a Batch, Marker, Grant or Acks body is for.
 * @throws HeronError "protocol" when the body does not begin with it
 */
export function readTask(bytes: Uint8Array, start: number, end: number): number {
  const cursor = new VarintCursor(bytes, start, end);
  return cursor.next() === TAG_TO_TASK ? cursor.next() : 0;
}
