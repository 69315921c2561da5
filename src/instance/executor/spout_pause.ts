/** Whether a spout is paused for back pressure: set from outside, asked before each call. */

/** The pause of one spout task; a pause for a loss is another thing (`SlotOpener.isPaused`). */
export class SpoutPause {
  /** `nextTuple` is not called, and what failed is not told; `ack` is. */
  isPaused = false;
}
