/** What runs side by side say of two variants: how much faster the first is, and how sure that is. Pure. */

import type { ByRole } from "./figures.ts";
import { median } from "./statistics.ts";

/** What a tuple cost one side of a run, in nanoseconds of processor time, by role. */
export interface PairedCosts {
  readonly variant: string;
  readonly costNs: ByRole;
}

/** How fast the first side was by the second, over some runs. */
export interface PairedRatio {
  /** Above 1 the first is faster. */
  readonly mean: number;
  /** Standard error of the mean; NaN of a single run. */
  readonly error: number;
}

/** By the costs of a tuple in each run: first side, second side. */
export function pairedRatio(runs: readonly (readonly PairedCosts[])[]): PairedRatio {
  const ratios = runs.map(([first, second]) =>
    (second?.costNs["total"] ?? NaN) / (first?.costNs["total"] ?? NaN)
  );
  const mean = sum(ratios) / ratios.length;
  const variance = sum(ratios.map((one) => (one - mean) ** 2)) / (ratios.length - 1);
  return { mean, error: Math.sqrt(variance / ratios.length) };
}

/** One run as a line. */
export function pairedLine(run: number, costs: readonly PairedCosts[]): string {
  const totals = costs.map(({ variant, costNs }) => `${variant} ${whole(costNs["total"])} ns`);
  return `  run ${run}: ${totals.join(", ")} a tuple`;
}

/** All runs of a workload, in lines. */
export function pairedText(
  workload: string,
  runs: readonly (readonly PairedCosts[])[],
): string {
  const { mean, error } = pairedRatio(runs);
  const [first = []] = runs;
  const sides = first.map(({ variant, costNs }, side) => {
    const roles = Object.keys(costNs).map((role) =>
      `${role} ${whole(median(runs.map((costs) => costs[side]?.costNs[role] ?? NaN)))}`
    );
    return `  ${variant}: ${roles.join(", ")} ns a tuple`;
  });
  const sure = Number.isFinite(error) ? ` ± ${error.toFixed(3)}` : "";
  return [
    `${workload}: new / against ${mean.toFixed(3)}${sure}, ${runs.length} runs`,
    ...sides,
  ].join("\n");
}

function whole(ns: number | undefined): string {
  return (ns ?? NaN).toFixed(0);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, one) => total + one, 0);
}
