/** Samples of JavaScriptCore's profiler as a table: where a thread was, and on whose behalf. Pure. */

/** One sample: the frames of the stack, the innermost first. */
export interface Sample {
  readonly frames: readonly {
    readonly name: string;
    /** None for native code. */
    readonly sourceURL?: string;
    /** Which compiler's code ran: LLInt, Baseline, DFG, FTL; Host for native code. */
    readonly category: string;
  }[];
}

const ROWS_MAX = 40;

/** Shares of all samples: by innermost function and compiler, and by function anywhere on the stack. */
export function sampleTable(samples: readonly Sample[]): string {
  const self = new Map<string, number>();
  const total = new Map<string, number>();
  for (const { frames } of samples) {
    const [inner] = frames;
    count(self, inner === undefined ? "(no script)" : `${labelOf(inner)} ${inner.category}`);
    for (const name of new Set(frames.map(labelOf))) count(total, name);
  }
  return [
    `${samples.length} samples`,
    "",
    "in itself",
    ...rowsOf(self, samples.length),
    "",
    "with what it called",
    ...rowsOf(total, samples.length),
    "",
  ].join("\n");
}

function labelOf({ name, sourceURL = "" }: Sample["frames"][number]): string {
  const file = sourceURL.slice(sourceURL.lastIndexOf("/") + 1);
  return `${name || "(anonymous)"}${file === "" ? "" : ` (${file})`}`;
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function rowsOf(counts: ReadonlyMap<string, number>, samples: number): string[] {
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, ROWS_MAX).map(([name, found]) =>
    `${(100 * found / samples).toFixed(1).padStart(6)} %  ${name}`
  );
}
