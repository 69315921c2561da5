/**
 * What a basic bolt throws to fail its input instead of ending the task. They
 * are known by a brand, since a bundle may bring another copy of the classes.
 */

// Registered symbols, so that a copy of this module in a user's bundle makes the same brand.
const FAILED_BRAND: unique symbol = Symbol.for("heron-bin.failed_exception");

/**
 * Thrown by a basic bolt: the input tuple is failed and the task goes on.
 *
 * @example
 * ```ts
 * import { FailedException, type IBasicBolt, type Tuple } from "heron-bin";
 *
 * class Store implements IBasicBolt {
 *   execute(tuple: Tuple): void {
 *     if (tuple.getString(0) === "") throw new FailedException("Store a word: it is empty");
 *   }
 * }
 * ```
 */
export class FailedException extends Error {
  /** The class's name. */
  override readonly name: string = "FailedException";
  /** Marks these exceptions across copies of the API; true when the error is also reported. */
  readonly [FAILED_BRAND]: boolean = false;
}

/**
 * A `FailedException` that is also reported, as by `collector.reportError`.
 *
 * @example
 * ```ts
 * import { type IBasicBolt, ReportedFailedException, type Tuple } from "heron-bin";
 *
 * class Parse implements IBasicBolt {
 *   execute(tuple: Tuple): void {
 *     try {
 *       JSON.parse(tuple.getString(0));
 *     } catch (cause) {
 *       throw new ReportedFailedException("Parse a record: it is no JSON", { cause });
 *     }
 *   }
 * }
 * ```
 */
export class ReportedFailedException extends FailedException {
  /** The class's name. */
  override readonly name: string = "ReportedFailedException";
  /** Marks these exceptions across copies of the API. */
  override readonly [FAILED_BRAND]: boolean = true;
}

/** What a basic bolt's exception asks for: to fail, to fail and report, or (anything else) to end the task. */
export function failureKind(thrown: unknown): "failed" | "reported" | "fatal" {
  if (typeof thrown !== "object" || thrown === null || !(FAILED_BRAND in thrown)) return "fatal";
  return thrown[FAILED_BRAND] === true ? "reported" : "failed";
}
