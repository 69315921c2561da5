/**
 * Runs with the control around them: where its figures before and after differ too much, the
 * machine was not steady, and the run is done again. The one after a run is the one before the next.
 */

import type { BenchCommand, Variant } from "./command.ts";
import type { Control } from "./control.ts";
import type { ControlFigures, Figures } from "./figures.ts";
import { measure } from "./measure.ts";
import { hasRunner, type Peer, runPeer } from "./peers.ts";
import type { Result } from "./report.ts";
import { difference } from "./statistics.ts";
import type { Workload } from "./workloads.ts";

/** By how much the control's figures may differ: 0.15 is 15 %. */
const DIFFERENCE_MAX = 0.15;
const REPEATS_MAX = 2;

/** Runs of one call of the bench: ours, and those of others. */
export class SteadyRuns {
  readonly #command: BenchCommand;
  readonly #control: Control | undefined;
  /** What the control said last, in tuples a CPU-second. */
  #last: number | undefined;

  constructor(command: BenchCommand, control: Control | undefined) {
    this.#command = command;
    this.#control = control;
  }

  /** Runs a workload once, again where the machine was not steady; the last attempt counts. */
  async run(workload: Workload, variant: Variant, run: number): Promise<Result[]> {
    const repeats = this.#command.isSmoke ? 0 : REPEATS_MAX;
    for (let attempt = 0;; attempt++) {
      const before = this.#last ?? await this.#runControl();
      const figures = await measure(workload, variant, this.#command);
      const after = await this.#runControl();
      const isSteady = before === undefined || after === undefined ||
        difference(before, after) <= DIFFERENCE_MAX;
      if (!isSteady && attempt < repeats) {
        console.log(`  run ${run}: the control said ${before} and ${after}; once more`);
        continue;
      }
      return figures.map((one) => ({
        system: "heron-bin",
        variant: variant.name,
        run,
        figures: one,
        control: controlFigures(one, before, after),
        isSteady,
      }));
    }
  }

  /** The same workload on a peer; undefined when it has none like it. */
  async runPeer(peer: Peer, workload: Workload, run: number): Promise<Result | undefined> {
    const { isSmoke, mode, peersFolder, rate, seconds } = this.#command;
    if (peersFolder === undefined || !hasRunner(peersFolder, peer)) return undefined;
    const before = this.#last ?? await this.#runControl();
    const figures = await runPeer(peer, workload, {
      folder: peersFolder,
      mode: mode ?? workload.mode,
      seconds,
      rate,
      isSmoke,
    });
    if (figures === undefined) return undefined;
    const after = await this.#runControl();
    return {
      system: peer,
      variant: "",
      run,
      figures,
      control: controlFigures(figures, before, after),
      isSteady: true,
    };
  }

  async #runControl(): Promise<number | undefined> {
    const { tuples_per_cpu_s } = await this.#control?.run() ?? {};
    this.#last = tuples_per_cpu_s;
    return tuples_per_cpu_s;
  }
}

function controlFigures(
  figures: Figures,
  before: number | undefined,
  after: number | undefined,
): ControlFigures | undefined {
  if (before === undefined || after === undefined) return undefined;
  const isRate = figures.kind === "rate" && figures.tuples > 0 && figures.latency_ms === null;
  const share = isRate ? figures.tuples_per_cpu_s / ((before + after) / 2) : null;
  return { before, after, share };
}
