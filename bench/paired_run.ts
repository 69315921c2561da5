/**
 * Variants of one workload at the same time, in turn: each stands still while another runs, for less
 * than a second. What the machine does meanwhile, a minute fast and a minute slow, befalls all alike.
 */

import { signal } from "../tests/e2e/process_tree.ts";
import { BenchRun, type RoleProcess } from "./bench_run.ts";
import { cpuBetween, type ProcessCpu, sampleProcess } from "./cpu_time.ts";
import type { ByRole } from "./figures.ts";
import { type Measurement, Told } from "./measure_window.ts";
import type { PairedCosts } from "./paired_table.ts";
import { isOnTheWay } from "./window.ts";

/** How long a side runs before it is another's turn: no time-out of its links is that short. */
const SLICE_MS = 700;

/** One of what is compared. */
export interface Side {
  readonly variant: string;
  readonly measurement: Measurement;
}

/** Runs all sides once, in the order given and back, and again; resolves with what a tuple cost each. */
export async function measurePaired(sides: readonly Side[]): Promise<PairedCosts[]> {
  await using live = new AsyncDisposableStack();
  const running: RunningSide[] = [];
  for (const side of sides) running.push(live.use(await RunningSide.start(side)));
  const slices = Math.max(1, ...sides.map(({ measurement }) => slicesOf(measurement.seconds)));
  await inTurn(running, (side) => side.begin());
  for (let slice = 0; slice < slices; slice++) {
    const order = slice % 2 === 0 ? running : running.toReversed();
    await inTurn(order, () => Bun.sleep(SLICE_MS));
  }
  await inTurn(running, (side) => side.end());
  return running.map((side) => side.costs());
}

function slicesOf(seconds: number): number {
  return Math.ceil(seconds * 1000 / SLICE_MS);
}

async function inTurn(
  sides: readonly RunningSide[],
  run: (side: RunningSide) => Promise<void>,
): Promise<void> {
  for (const side of sides) {
    side.go();
    await run(side);
    side.stand();
  }
}

type CpuSample = ReadonlyMap<number, ProcessCpu | undefined>;

/** A side under way. */
class RunningSide implements AsyncDisposable {
  readonly #side: Side;
  readonly #run: BenchRun;
  readonly #told: Told;
  /** Those that tuples pass through: only they stand still. */
  readonly #processes: readonly RoleProcess[];
  #before: CpuSample = new Map();
  #after: CpuSample = new Map();
  #tuples = 0;

  private constructor(side: Side, run: BenchRun, told: Told) {
    this.#side = side;
    this.#run = run;
    this.#told = told;
    this.#processes = run.processes().filter(isOnTheWay);
  }

  /** Lets it warm up; it stands still then. */
  static async start(side: Side): Promise<RunningSide> {
    const { measurement } = side;
    const told = new Told();
    const run = new BenchRun({ ...measurement, onLine: (line) => told.take(line) });
    try {
      await run.running();
      await run.until("the first tuple at the last bolt", () => told.hasTuples());
      await Bun.sleep(measurement.warmupS * 1000);
      const started = new RunningSide(side, run, told);
      started.stand();
      return started;
    } catch (thrown) {
      await run[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  go(): void {
    for (const { pid } of this.#processes) signal(pid, "SIGCONT");
  }

  stand(): void {
    for (const { pid } of this.#processes) signal(pid, "SIGSTOP");
  }

  /** Counts from here on. */
  async begin(): Promise<void> {
    this.#before = await this.#sample();
    this.#tuples = -this.#told.lastTuples();
  }

  /** Counts up to here. */
  async end(): Promise<void> {
    this.#after = await this.#sample();
    this.#tuples += this.#told.lastTuples();
  }

  /** Right behind a count that the last bolts tell. */
  async #sample(): Promise<CpuSample> {
    // What was told while it stood still is old.
    await Bun.sleep(SLICE_MS);
    const before = this.#told.lastTuples();
    await this.#run.until("the next count", () => this.#told.lastTuples() > before);
    return new Map(this.#processes.map(({ pid }) => [pid, sampleProcess(pid)]));
  }

  /** Nanoseconds of processor time a tuple. */
  costs(): PairedCosts {
    const costs: Record<string, number> = {};
    let total = 0;
    for (const { pid, name } of this.#processes) {
      const after = this.#after.get(pid);
      if (after === undefined) throw new Error(`Measure: ${name} ended; ${this.#run.stderr}`);
      const ns = cpuBetween(this.#before.get(pid), after) / this.#tuples;
      costs[name] = (costs[name] ?? 0) + ns;
      total += ns;
    }
    const costNs: ByRole = { ...costs, total };
    return { variant: this.#side.variant, costNs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#run[Symbol.asyncDispose]();
  }
}
