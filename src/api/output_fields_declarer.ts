/**
 * The interface by which a component declares its output streams. Interface
 * only; stream_declarations.ts collects and checks.
 */

import type { Fields } from "./fields.ts";

/** Names of fields: a `Fields` or a plain list. */
export type FieldNames<Name extends string = string> = Fields<readonly Name[]> | readonly Name[];

/** Handed to `declareOutputFields`. */
export interface OutputFieldsDeclarer {
  /** Declares the stream `default`. */
  declare(fields: FieldNames): void;
  /** Declares the stream `default`; `direct` is recorded, not enforced (as in Heron). */
  declare(direct: boolean, fields: FieldNames): void;
  /** Declares the stream `streamId`. */
  declareStream(streamId: string, fields: FieldNames): void;
  /** Declares the stream `streamId`; `direct` is recorded, not enforced (as in Heron). */
  declareStream(streamId: string, direct: boolean, fields: FieldNames): void;
}
