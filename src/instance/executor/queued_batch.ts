/** A batch that waits for its tuples to be handled: as it came, or made of the parts of one tuple. */

import type { InChannel } from "../../tuples/mod.ts";

/** A batch of a task's queue. */
export interface QueuedBatch {
  readonly kind: "batch";
  readonly channel: InChannel;
  readonly bytes: Uint8Array;
  /** Its runs and the cost of a batch, or of all its parts: what its credit counts. */
  readonly creditBytes: number;
  /** The round in which it came: see `Intake.waitingSince`. */
  readonly round: number;
}
