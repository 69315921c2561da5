/** Door of `base`: tools that know nothing of topologies. */

export { assert, assertDefined, AssertionError, unreachable } from "./assert.ts";
export { Backoff, type BackoffOptions } from "./backoff.ts";
export type { Timer } from "./beats.ts";
export { type Clock, sleep, systemClock } from "./clock.ts";
export { durationMsOf, durationText } from "./duration.ts";
export {
  ERROR_CODES,
  type ErrorCode,
  type ErrorFault,
  HeronError,
  isErrorCode,
  meaningOf,
} from "./errors.ts";
export { Fifo } from "./fifo.ts";
export { type LogFields, type Logger, silentLogger } from "./logger.ts";
export { ManualClock } from "./manual_clock.ts";
export { nearestName } from "./nearest_name.ts";
export { afterOwnTime } from "./own_time.ts";
export { type Random, seededRandom, systemRandom } from "./random.ts";
export { collectAtRest, collectNowAndThen, type RestOptions } from "./rest_collector.ts";
export { RUNTIME_OPTIONS } from "./runtime_options.ts";
export { Stopwatch } from "./stopwatch.ts";
export { afterTurnEnd, inNextTurn, nextTurn, onTurnEnd } from "./turn.ts";
