/** The fields of simulated tuples, in their order. */

/** What every simulated tuple carries. */
export const TUPLE_FIELDS: readonly string[] = Object.freeze([
  "source",
  "life",
  "sequence",
  "check",
  "key",
  "hops",
  "identity",
  "attempt",
  "retries",
  "body",
]);
