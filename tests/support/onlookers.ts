/** What a task's context needs besides the plan, for tests of what looks on at nothing. */

import type { TopologyDefinition } from "../../src/api/mod.ts";
import type { ContextPlace } from "../../src/instance/executor/context.ts";
import { Onlookers } from "../../src/instance/executor/onlookers.ts";
import { TimerEvents } from "../../src/instance/executor/timer_events.ts";

/** A place in `topology` whose onlookers tell nobody. */
export function placeOf(topology: TopologyDefinition): ContextPlace {
  const onlookers = new Onlookers({
    taskId: 1,
    isDebug: false,
    hooks: [],
    teller: { reported: () => {} },
    nowMs: () => 0,
    requestTurn: () => {},
  });
  return { topology, onlookers, timers: new TimerEvents({ nowMs: () => 0, requestTurn() {} }) };
}
