/** What user code may ack, fail and anchor to: the tuples that came to its task, each once. */

import { SYSTEM_COMPONENT, type Tuple } from "../../api/mod.ts";
import { HeronError } from "../../base/mod.ts";
import { TupleView } from "./tuple_view.ts";

/**
 * Notes that `tuple` is acked or failed. False when it is none to be acked: a tick.
 * @throws HeronError `acked_twice` or `foreign_tuple`
 */
export function settle(tuple: Tuple): tuple is TupleView {
  if (!(tuple instanceof TupleView)) return isTuple(tuple, "Ack or fail a tuple");
  if (tuple.isDone) throw ackedTwice(tuple);
  tuple.settle();
  return true;
}

/**
 * Whether `tuple` came by the input; false for ticks. A process has one task, so no tuple of
 * another one gets here but as a copy.
 * @throws HeronError `foreign_tuple` for all else
 */
export function isTuple(tuple: unknown, attempted: string): tuple is TupleView {
  if (tuple instanceof TupleView) return true;
  if (isSystemTuple(tuple)) return false;
  throw new HeronError(
    "foreign_tuple",
    `${attempted}: found ${describe(tuple)}, expected a tuple that execute() of this task was ` +
      "called with",
  );
}

/** What our own system hands to `execute` besides the input is not acked. */
function isSystemTuple(tuple: unknown): boolean {
  return typeof tuple === "object" && tuple !== null && "getSourceComponent" in tuple &&
    typeof tuple.getSourceComponent === "function" &&
    tuple.getSourceComponent() === SYSTEM_COMPONENT;
}

function describe(found: unknown): string {
  if (found === null || found === undefined) return String(found);
  return typeof found === "object" ? "an object of another kind" : `a ${typeof found}`;
}

function ackedTwice(tuple: TupleView): HeronError {
  return new HeronError(
    "acked_twice",
    `Ack or fail a tuple of "${tuple.getSourceComponent()}": it was acked or failed before, ` +
      "expected once for each tuple",
  );
}

/** For an emit anchored to a tuple that was acked or failed before. */
export function anchoredToDone(anchor: TupleView): HeronError {
  return new HeronError(
    "anchored_to_done",
    `Emit anchored to a tuple of "${anchor.getSourceComponent()}": it was acked or failed before, ` +
      "expected that a bolt emits first and acks then",
  );
}
