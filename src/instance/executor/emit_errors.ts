/** What is thrown into user code that emits something wrong: from where, to where, and what was expected. */

import { HeronError } from "../../base/mod.ts";
import type { OutChannel, ValueNotEncodable } from "../../tuples/mod.ts";

/** A stream as the messages name it. */
interface NamedStream {
  readonly id: string;
  readonly fields: readonly string[];
}

function fromTo(component: string, stream: string): string {
  return `Emit from "${component}" to stream "${stream}"`;
}

/** For a stream that the component does not declare. */
export function unknownStream(
  component: string,
  stream: string,
  declared: readonly string[],
): HeronError {
  const expected = `expected one of [${declared.join(", ")}]`;
  return new HeronError(
    "unknown_stream",
    `${fromTo(component, stream)}: not declared, ${expected}`,
  );
}

/** For an emit when the task has told its end, or is being closed. */
export function afterEnd(component: string, stream: string): HeronError {
  return new HeronError(
    "emit_after_end",
    `${
      fromTo(component, stream)
    }: the task has ended, expected that it emits before collector.end() ` +
      "is done with, before finish() returns, and not in close() or cleanup()",
  );
}

/** For what is no array of values. */
export function noValues(stream: string, found: unknown): HeronError {
  return new HeronError(
    "wrong_arity",
    `Emit to stream "${stream}": found ${typeof found}, expected an array of values`,
  );
}

/** For another number of values than the stream has fields. */
export function wrongCount(
  component: string,
  { id, fields }: NamedStream,
  found: number,
): HeronError {
  const expected = `expected ${fields.length} (${fields.join(", ")})`;
  return new HeronError(
    "wrong_arity",
    `${fromTo(component, id)}: found ${found} values, ${expected}`,
  );
}

/** For a call that went further past its credit than `overshootBytesMax`. */
export function pastCredit(
  component: string,
  channel: OutChannel,
  overshootBytesMax: number,
): HeronError {
  return new HeronError(
    "limit",
    `Emit from "${component}" to task ${channel.destinationTask}: found calls past their ` +
      `credit by ${-channel.headroom()} B, expected at most ${overshootBytesMax} B ` +
      "(emit.overshoot.bytes for each that may be open); await collector.ready() between emits",
  );
}

/** For value `index`, which cannot be encoded. */
export function notEncodable(
  component: string,
  { id, fields, index }: NamedStream & { readonly index: number },
  cause: ValueNotEncodable,
): HeronError {
  return new HeronError(
    "value_not_encodable",
    `${fromTo(component, id)}, field "${fields[index]}"${cause.path}: ${cause.reason}`,
    { cause },
  );
}
