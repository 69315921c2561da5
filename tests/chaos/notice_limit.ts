/**
 * How many notices a fault may bring to one spout. A spout counts those that failed roots of its
 * own; more than these would mean that one loss is told again and again.
 */

import type { Fault } from "./faults.ts";

/** What of the run the number depends on. */
export interface NoticePlace {
  readonly containers: number;
  /** The most tasks in one container. */
  readonly tasksInContainer: number;
  /** Who stands still for longer is lost. */
  readonly silenceMs: number;
}

/** The most notices that `fault` brings. */
export function noticesMax(fault: Fault, place: NoticePlace): number {
  if (fault.type !== "stop") return noticesOfLoss(fault.role, place);
  // Lost by silence, and told once more when it goes on.
  const isLost = fault.endMs - fault.startMs >= place.silenceMs;
  return isLost ? 2 * noticesOfLoss(fault.role, place) : 0;
}

function noticesOfLoss(role: Fault["role"], place: NoticePlace): number {
  // One for each link, one when an end confirms late, and what the own instances see.
  const ofStmgr = 2 * (place.containers - 1) + 2;
  switch (role) {
    // It, and the hello of its next life when that comes first.
    case "instance":
    case "stmgr-instance":
      return 2;
    case "stmgr":
      return ofStmgr;
    case "stmgr-stmgr":
      return 2;
    case "container":
    case "life-line":
      return ofStmgr + 2 * place.tasksInContainer;
    // No tuple and no ack goes through them.
    case "tm":
    case "stmgr-tm":
    case "metricsmgr":
      return 0;
  }
}
