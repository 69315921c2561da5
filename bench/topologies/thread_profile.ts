/**
 * A profile of the thread that user code runs in, for the argument `profile=FOLDER`: a table of
 * where it was each millisecond, written when the task ends. The warm-up is left out.
 */

import * as jsc from "bun:jsc";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TopologyContext } from "heron-bin";
import { type Sample, sampleTable } from "../sample_table.ts";
import type { BenchArguments } from "./arguments.ts";

const WARMUP_MS = 5000;

/** A profile under way, or none. */
export class ThreadProfile {
  #path: string | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Begins, if it was asked for. */
  start(args: BenchArguments, context: TopologyContext): void {
    const folder = args.text("profile", "");
    if (folder === "") return;
    const task = `${context.getThisComponentId()}-${context.getThisTaskIndex()}`;
    this.#path = join(folder, `${context.getTopologyName()}-${task}-executor.txt`);
    jsc.startSamplingProfiler();
    this.#timer = setTimeout(() => void takeSamples(), WARMUP_MS);
  }

  /** Writes the table. */
  stop(): void {
    clearTimeout(this.#timer);
    if (this.#path !== undefined) writeFileSync(this.#path, sampleTable(takeSamples()));
  }
}

/** The samples since the last time. */
function takeSamples(): readonly Sample[] {
  // Bun has it, its types do not.
  const { samplingProfilerStackTraces } = jsc as unknown as {
    samplingProfilerStackTraces(): { readonly traces: readonly Sample[] };
  };
  return samplingProfilerStackTraces().traces;
}
