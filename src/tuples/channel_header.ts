/**
 * What every batch and marker of a channel says of it: who sends to whom, in
 * which life, under which plan. It changes rarely, so it is encoded once.
 */

import { writeVarint } from "./varint.ts";

/** Which life of a task: (epoch of its supervisor, counter). */
export interface TaskLife {
  readonly epoch: number;
  readonly counter: number;
}

/** Fields 1 to 6 of Batch and Marker. */
export interface ChannelHeader {
  readonly destinationTask: number;
  readonly sourceTask: number;
  readonly sourceEpoch: number;
  readonly sourceCounter: number;
  readonly planVersion: number;
  readonly restoreEpoch: number;
}

/** Longest encoded header, in bytes. */
const CHANNEL_HEADER_BYTES_MAX = 6 * 6;

/** Encodes fields 1 to 6; zeros are left out, as proto3 wants. */
export function encodeChannelHeader(header: ChannelHeader): Uint8Array {
  const bytes = new Uint8Array(CHANNEL_HEADER_BYTES_MAX);
  const values = [
    header.destinationTask,
    header.sourceTask,
    header.sourceEpoch,
    header.sourceCounter,
    header.planVersion,
    header.restoreEpoch,
  ];
  let at = 0;
  for (const [index, value] of values.entries()) {
    if (value === 0) continue;
    bytes[at++] = (index + 1) << 3;
    at = writeVarint(bytes, at, value);
  }
  return bytes.slice(0, at);
}
