/** What `heron-bin sweep` does, for schedulers under test that have no binary. */

import { systemClock } from "../../src/base/mod.ts";
import { decodeSweep, SWEEP_VARIABLE, sweepProcesses } from "../../src/scheduler/mod.ts";

await sweepProcesses(decodeSweep(process.env[SWEEP_VARIABLE] ?? ""), systemClock);
