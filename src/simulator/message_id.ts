/** The message ids of simulated spouts. */

/** What a spout is told again when a tuple is done: one for each emit. */
export interface MessageId {
  readonly task: number;
  readonly offset: number;
  readonly retries: number;
  /** Names this emit among all of the run. */
  readonly attempt: number;
}
