/**
 * What a process publishes at one time, cut into parts that each fit into a packet. Sizes are
 * reckoned from above, without encoding. Pure.
 */

import type { ExceptionValue } from "./exception_log.ts";
import type { MetricValue } from "./metric_registry.ts";

/** What is published at one time. */
export interface Publication {
  readonly metrics: readonly MetricValue[];
  readonly exceptions: readonly ExceptionValue[];
}

/** A part of it, for a packet of its own. */
export interface PublicationPart {
  readonly metrics: MetricValue[];
  readonly exceptions: ExceptionValue[];
  /** How many bytes it comes to in a packet, or fewer. */
  bytes: number;
}

/** What a packet has besides: the head of the body, and the number of a request. */
const PACKET_BYTES = 16;
/** How often an exception came. */
const COUNT_BYTES = 6;

/**
 * The parts of a publication, one at least, for packets of at most `bytesMax` bytes; a metric that alone is
 * longer is left out and counted.
 */
export function cutPublication(
  { metrics, exceptions }: Publication,
  bytesMax: number = Infinity,
): { readonly parts: readonly PublicationPart[]; readonly leftOut: number } {
  let part = emptyPart();
  const parts = [part];
  let leftOut = 0;
  const partFor = (texts: readonly string[], besides: number): PublicationPart | undefined => {
    const inside = texts.reduce((sum, text) => sum + fieldBytes(Buffer.byteLength(text)), besides);
    const bytes = fieldBytes(inside);
    if (bytes + PACKET_BYTES > bytesMax) {
      leftOut++;
      return undefined;
    }
    if (part.bytes + bytes > bytesMax) parts.push(part = emptyPart());
    part.bytes += bytes;
    return part;
  };
  for (const metric of metrics) partFor([metric.name, metric.value], 0)?.metrics.push(metric);
  for (const exception of exceptions) {
    const { stacktrace, logging, firsttime, lasttime } = exception;
    partFor([stacktrace, logging, firsttime, lasttime], COUNT_BYTES)?.exceptions.push(exception);
  }
  return { parts, leftOut };
}

function emptyPart(): PublicationPart {
  return { metrics: [], exceptions: [], bytes: PACKET_BYTES };
}

/** With the number of the field and the length. */
function fieldBytes(length: number): number {
  return length + (length < 2 ** 7 ? 2 : length < 2 ** 14 ? 3 : 6);
}
