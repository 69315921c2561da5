/** Measures how long it takes from Enter to the first tuple at the last bolt. */

import { BenchRun } from "./bench_run.ts";
import type { TimesFigures } from "./figures.ts";
import { parseFirst } from "./line_formats.ts";
import { LAST, type Measurement } from "./measure_window.ts";
import { percentilesOf } from "./statistics.ts";

/** Starts the topology so many times, one after the other. */
export async function measureStart(
  measurement: Measurement,
  starts: number,
): Promise<TimesFigures> {
  const times: number[] = [];
  while (times.length < starts) times.push(await startOnce(measurement));
  const { mode, workload } = measurement;
  return { kind: "times", workload, mode, times_ms: { first_tuple: percentilesOf(times) } };
}

/** How long one start took, in milliseconds. */
async function startOnce(measurement: Measurement): Promise<number> {
  let firstMs: number | undefined;
  await using run = new BenchRun({
    ...measurement,
    onLine: ({ component, text }) => {
      if (component === LAST) firstMs ??= parseFirst(text);
    },
  });
  const atMs = await run.until("the first tuple at the last bolt", () => firstMs);
  await run.end();
  return Math.round((atMs - run.enteredMs) * 1000) / 1000;
}
