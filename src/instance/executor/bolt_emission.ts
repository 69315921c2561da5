/** What a bolt's `emit` was given, sorted out. */

import { type Anchors, DEFAULT_STREAM } from "../../api/mod.ts";
import { noValues } from "./emit_errors.ts";

/** What a bolt emits. */
export interface BoltEmission {
  readonly stream: string;
  readonly values: readonly unknown[];
  readonly anchors: Anchors | undefined;
}

/**
 * Sorts out `emit([stream,] [anchors,] values)`.
 * @throws HeronError `wrong_arity` for what is no array of values, or too many arguments
 */
export function emissionOf(args: readonly unknown[]): BoltEmission {
  const hasStream = typeof args[0] === "string";
  const stream = hasStream ? String(args[0]) : DEFAULT_STREAM;
  const values = args.at(-1);
  if (!Array.isArray(values) || args.length > (hasStream ? 3 : 2)) {
    throw noValues(stream, values);
  }
  const hasAnchors = args.length === (hasStream ? 3 : 2);
  // What is no tuple among the anchors is found where they are read.
  const anchors = hasAnchors ? args[hasStream ? 1 : 0] as Anchors : undefined;
  return { stream, values, anchors };
}
