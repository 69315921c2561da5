/** Measures a workload once, by its kind. */

import { join } from "node:path";
import type { BenchCommand, Variant } from "./command.ts";
import type { Figures, RateFigures } from "./figures.ts";
import { measureRecovery } from "./measure_recovery.ts";
import { measureStart } from "./measure_start.ts";
import { type Measurement, measureWindow } from "./measure_window.ts";
import { measureStmgrCore } from "./stmgr_loop.ts";
import type { Workload } from "./workloads.ts";

/** So much may the rate that came differ from what was asked for. */
const KEPT_UP = 0.02;
const FULL_PERCENT = 100;
const PARTS_PERCENT = [50, 10] as const;
const SMOKE_PERCENT = [50] as const;
/** All have collected the garbage of their start by then, once and for all. */
const IDLE_WARMUP_S = 12;

/** One run of a workload with one variant: its figures, several where it has several loads. */
export async function measure(
  workload: Workload,
  variant: Variant,
  command: BenchCommand,
): Promise<Figures[]> {
  const measurement = measurementOf(workload, variant, command);
  switch (workload.kind) {
    case "rate":
      return [await measureWindow(measurement)];
    case "idle": {
      const warmupS = command.isSmoke ? measurement.warmupS : IDLE_WARMUP_S;
      return [await measureWindow({ ...measurement, warmupS, isIdle: true })];
    }
    case "latency": {
      const args = [...measurement.arguments, `rate=${command.rate}`];
      return [paced(await measureWindow({ ...measurement, arguments: args }), command.rate)];
    }
    case "load":
      return await measureLoads(measurement, command.isSmoke ? SMOKE_PERCENT : PARTS_PERCENT);
    case "start":
      return [await measureStart(measurement, command.starts)];
    case "recovery":
      return [await measureRecovery(measurement, command.kills)];
    case "stmgr":
      return [measureStmgrCore(command.seconds)];
  }
}

/** With the rate that was asked for, and how much of it came when that is not all. */
function paced(figures: RateFigures, rate: number): RateFigures {
  const share = figures.tuples_per_s / rate;
  const isKept = Math.abs(share - 1) <= KEPT_UP;
  const trouble = isKept ? {} : { kept_up_percent: Math.round(share * FULL_PERCENT) };
  return { ...figures, extra: { ...figures.extra, rate, ...trouble } };
}

/** At full speed first, then at parts of what that was. */
async function measureLoads(
  measurement: Measurement,
  percents: readonly number[],
): Promise<RateFigures[]> {
  const full = await measureWindow(measurement);
  const loads = [named(full, FULL_PERCENT)];
  for (const percent of percents) {
    const rate = full.tuples_per_s * percent / FULL_PERCENT / spoutsOf(measurement);
    const args = [...measurement.arguments, `rate=${rate}`];
    loads.push(named(await measureWindow({ ...measurement, arguments: args }), percent));
  }
  return loads;
}

/** The rate is that of a task. */
function spoutsOf(measurement: Measurement): number {
  const given = measurement.arguments.findLast((one) => one.startsWith("from="));
  return given === undefined ? 1 : Number(given.slice("from=".length));
}

function named(figures: RateFigures, percent: number): RateFigures {
  return {
    ...figures,
    workload: `${figures.workload}@${percent}`,
    extra: { ...figures.extra, load_percent: percent },
  };
}

/** What a workload with that variant is started with. */
export function measurementOf(
  workload: Workload,
  variant: Variant,
  command: BenchCommand,
): Measurement {
  const mode = command.mode ?? workload.mode;
  return {
    workload: workload.name,
    mode,
    binary: variant.binary,
    topology: join(import.meta.dir, "topologies", `${workload.topology}.ts`),
    arguments: [
      `mode=${mode}`,
      ...workload.arguments,
      ...(command.isSmoke ? workload.smokeArguments : []),
      ...command.arguments,
      ...variant.settings,
    ],
    containers: workload.containers,
    profileFolder: command.profileFolder,
    warmupS: command.warmupS,
    seconds: command.seconds,
  };
}
