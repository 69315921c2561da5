/** The user code of simulated runs: as the seed says, and never with an error. */

import type { IBolt, ISpout } from "../api/mod.ts";
import { activityKey } from "./activation.ts";
import { threadsOf } from "./random_threads.ts";
import { SimBolt } from "./sim_bolt.ts";
import { lifeNumber } from "./sim_code.ts";
import { SimGrouping } from "./sim_grouping.ts";
import type { CodePlace, Hosting, SimRun } from "./sim_run.ts";
import { SimSpout } from "./sim_spout.ts";

/** Slots beside the ceiling of a simulated spout. */
export const SLOTS_EXTRA = 64;

/** Hosts simulated spouts and bolts. */
export function randomHosting(seed: number): Hosting {
  return {
    threadsOf: (taskId) => threadsOf(seed, taskId),
    slotsExtra: SLOTS_EXTRA,
    create: (run, place) => ({
      component: (component) => createUserCode(run, { ...place, component }),
      customGrouping: () => new SimGrouping(),
      taskHooks: [],
    }),
    threw: ({ world }, taskId, thrown) => {
      const text = thrown instanceof Error ? thrown.stack : String(thrown);
      world.break(`task ${taskId} throws ${text}`);
    },
    reported: ({ world }, taskId, { message }) => {
      world.break(`task ${taskId} reports ${message}`);
    },
  };
}

function createUserCode(run: SimRun, place: CodePlace): ISpout | IBolt {
  const { scenario, world, ledger, roots, durable, interposer } = run;
  const { component, taskId, life, thread, ways, isPaused, busy } = place;
  const behaviour = scenario.behaviours.get(component);
  const known = scenario.definition.components.find((one) => one.name === component);
  if (behaviour === undefined || known === undefined) throw new RangeError(`No "${component}"`);
  const key = activityKey(taskId, lifeNumber(life));
  const options = {
    taskId,
    component,
    life,
    seed: scenario.seed,
    behaviour,
    plan: run.tuplePlan,
    isCyclic: scenario.isCyclic,
    isAcked: scenario.isAcked,
    world,
    process: thread,
    ledger,
    roots,
    durable,
    ways,
    isPaused,
    busy,
    activated: (isActive: boolean) => void run.activity.set(key, isActive),
  };
  return interposer.userCode(
    known.kind === "spout" ? new SimSpout(options) : new SimBolt(options),
  );
}
