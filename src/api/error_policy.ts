/**
 * What is done about a call of user code that throws or rejects: by which keys
 * a component's configuration says so, and the stream for tuples that are given
 * up. Carrying it out is the executor's.
 */

import { Config } from "./config.ts";
import type { ConfigMap, ConfigValue, StreamDefinition } from "./definition.ts";
import { DEAD_LETTER_STREAM } from "./ids.ts";

/** What becomes of a tuple whose last attempt failed: see `ErrorPolicy`. */
export type GivenUp = "crash" | "skip" | "dead_letter";

/**
 * What is done when `execute` (or a spout's `nextTuple`) throws or rejects. What an attempt emitted
 * before it failed stays emitted, so the next attempt repeats it. A basic bolt's `FailedException`
 * is no error here: it fails its tuple to the spout at once.
 *
 * @example
 * ```ts
 * import { type BoltDeclarer, type ErrorPolicy } from "heron-bin";
 *
 * const policy: ErrorPolicy = { retries: 3, backoffMs: 100, then: "dead_letter" };
 *
 * function configure(bolt: BoltDeclarer): void {
 *   bolt.setErrorPolicy(policy);
 * }
 * ```
 */
export interface ErrorPolicy {
  /** How often a failed call is made again, `@default 0`. Time-outs and losses are no attempts. */
  readonly retries?: number;
  /**
   * Milliseconds before the first retry, `@default 100`; it doubles with each one, up to 60 s (or
   * to this, when it is more).
   */
  readonly backoffMs?: number;
  /**
   * What follows the last attempt, `@default "crash"`. `"crash"`: the task ends and starts anew;
   * `"skip"`: the tuple is acked; `"dead_letter"`: it is emitted to the stream `__dead_letter` of
   * the bolt, anchored to itself, and acked. Spouts have no other than `"crash"`.
   */
  readonly then?: GivenUp;
}

/** An error policy with nothing left open. */
export type CompleteErrorPolicy = Required<ErrorPolicy>;

const BACKOFF_MS = 100;

/**
 * The fields of the stream `__dead_letter`: where the tuple came from (component, task, stream),
 * its values as a list, the error as text, and how often it was attempted.
 */
const DEAD_LETTER_FIELDS: readonly string[] = Object.freeze([
  "component",
  "task",
  "stream",
  "values",
  "error",
  "attempts",
]);

/** The configuration that says `policy`. */
export function errorPolicyConfig(policy: ErrorPolicy): ConfigMap {
  const config: Record<string, ConfigValue> = {};
  const { retries, backoffMs, then } = policy;
  if (retries !== undefined) config[Config.TOPOLOGY_COMPONENT_ERROR_RETRIES] = retries;
  if (backoffMs !== undefined) config[Config.TOPOLOGY_COMPONENT_ERROR_BACKOFF_MS] = backoffMs;
  if (then !== undefined) config[Config.TOPOLOGY_COMPONENT_ERROR_THEN] = then;
  return config;
}

/** The policy that a checked configuration says. */
export function errorPolicyOf(config: ConfigMap): CompleteErrorPolicy {
  const then = config[Config.TOPOLOGY_COMPONENT_ERROR_THEN];
  return {
    retries: Number(config[Config.TOPOLOGY_COMPONENT_ERROR_RETRIES] ?? 0),
    backoffMs: Number(config[Config.TOPOLOGY_COMPONENT_ERROR_BACKOFF_MS] ?? BACKOFF_MS),
    then: then === "skip" || then === "dead_letter" ? then : "crash",
  };
}

/** The streams that a component has because of its policy. */
export function errorPolicyStreams(config: ConfigMap): readonly StreamDefinition[] {
  if (config[Config.TOPOLOGY_COMPONENT_ERROR_THEN] !== "dead_letter") return [];
  return [Object.freeze({ id: DEAD_LETTER_STREAM, fields: DEAD_LETTER_FIELDS, direct: false })];
}
