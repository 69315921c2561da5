/**
 * A run of the durable topology on real processes, with its sources fed at a steady rate, and
 * what of it one may name: tasks, stream managers, processes by what they are.
 */

import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { logicalPlanFromProto, PhysicalPlan, type TaskPlan } from "../../src/plan/mod.ts";
import { LiveRun, until } from "../e2e/live_run.ts";
import type { RunProcess } from "../e2e/process_tree.ts";
import { checkDurable, type DurableOutcome } from "../support/durable_check.ts";
import { completeSources, SourceWriter } from "../support/durable_source.ts";
import { planOf } from "../support/plans.ts";
import { ROOT } from "../support/repository.ts";
import { TraceWatch } from "./trace_watch.ts";

const TOPOLOGY = join(ROOT, "tests/chaos/topologies/durable.ts");
const SOURCES = 2;
const SINKS = 2;
const FEED_MS = 20;
/** The end of a run that has all its input, in milliseconds. */
const END_MS = 120_000;
/** How long a struck run may take to work again, in milliseconds. */
const PATIENCE_MS = 60_000;
/** How exactly one sees it, in milliseconds. */
const POLL_MS = 5;

/** How a run is made. */
export interface DurableOptions {
  readonly containers: number;
  readonly seed: number;
  /** Records a second for each of the two sources. */
  readonly rate: number;
  /** `NAME=VALUE` of the topology's configuration. */
  readonly settings: readonly string[];
  /** Ends all waiting. */
  readonly signal?: AbortSignal;
}

/** A run under way. */
export class DurableRun implements AsyncDisposable {
  /** The folder of the durable ends. */
  readonly folder: string;
  readonly containers: number;
  readonly rate: number;
  readonly live: LiveRun;
  readonly #writers: readonly SourceWriter[];
  readonly #feed: ReturnType<typeof setInterval>;
  readonly #startedMs = performance.now();
  readonly #signal: AbortSignal | undefined;
  #plan: PhysicalPlan | undefined;

  private constructor({ containers, seed, rate, settings, signal }: DurableOptions) {
    this.containers = containers;
    this.rate = rate;
    this.#signal = signal;
    this.folder = mkdtempSync("/tmp/hb-durable-");
    this.#writers = Array.from(
      { length: SOURCES },
      (_, index) => new SourceWriter(this.folder, index, seed),
    );
    this.#feed = setInterval(() => {
      const count = Math.floor((performance.now() - this.#startedMs) * rate / 1000);
      for (const writer of this.#writers) writer.append(count - writer.count);
    }, FEED_MS);
    const args = ["--containers", `${containers}`, TOPOLOGY, this.folder, ...settings];
    this.live = new LiveRun(args);
  }

  /** Starts a run and waits until the first tuples are at both tasks of the sink. */
  static async start(options: DurableOptions): Promise<DurableRun> {
    const run = new DurableRun(options);
    try {
      await run.live.untilStderr(/running \d+ tasks? in/);
      const { topology } = await run.live.job();
      run.#plan = PhysicalPlan.from(planOf(logicalPlanFromProto(topology)));
      await run.progress(0);
      return run;
    } catch (thrown) {
      await run[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /** The plan. */
  get plan(): PhysicalPlan {
    if (this.#plan === undefined) throw new Error("Ask for the plan: the run has not started");
    return this.#plan;
  }

  /** A watch on a task's trace. */
  watch({ component, componentIndex }: TaskPlan): TraceWatch {
    return new TraceWatch(this.folder, { component, index: componentIndex });
  }

  /** The process of a role, if it is there just now. */
  find(role: string, place: { container?: number; task?: number }): RunProcess | undefined {
    return this.live.processes.find((one) =>
      one.role === role && one.container === (place.container ?? one.container) &&
      one.task === place.task
    );
  }

  /** Waits for `check` while the run lives. */
  async until<T>(what: string, check: () => T | undefined): Promise<T> {
    const endMs = performance.now() + PATIENCE_MS;
    for (;;) {
      this.#signal?.throwIfAborted();
      const found = check();
      if (found !== undefined) return found;
      const { exitCode } = this.live.child;
      const tail = this.live.stderr.slice(-4000);
      if (exitCode !== null) {
        throw new Error(`The run ended with ${exitCode} before ${what}:\n${tail}`);
      }
      if (performance.now() > endMs) {
        throw new Error(`Wait for ${what}: not within ${PATIENCE_MS} ms:\n${tail}`);
      }
      await Bun.sleep(POLL_MS);
    }
  }

  /** Waits until each task of the sink has handled a tuple that was sent to it after `sinceMs`. */
  async progress(sinceMs: number): Promise<void> {
    for (const taskId of this.plan.tasksOf("sink")) {
      const watch = this.watch(this.plan.task(taskId));
      await this.until(
        `a tuple at sink task ${taskId}`,
        () => watch.read().find(({ sentMs }) => sentMs > sinceMs),
      );
    }
  }

  /** The folders that are removed at the end, for who has to do it in place of this process. */
  get folders(): readonly string[] {
    return [this.live.root, this.folder];
  }

  /** Ends the input, waits for the end of the run and compares both ends. */
  async finish(): Promise<DurableOutcome> {
    clearInterval(this.#feed);
    completeSources(this.folder);
    await until("the end of the run", () => this.live.child.exitCode !== null, END_MS);
    const { exitCode, stderr } = await this.live.result;
    if (exitCode !== 0) throw new Error(`The run ended with ${exitCode}:\n${stderr.slice(-4000)}`);
    return this.check();
  }

  /** Compares both ends as they are. */
  check(): DurableOutcome {
    return checkDurable({ folder: this.folder, sources: SOURCES, sinks: SINKS });
  }

  /** Copies the ends and the logs for someone who looks at them later. */
  keep(folder: string): void {
    cpSync(this.folder, join(folder, "ends"), { recursive: true });
    cpSync(join(this.live.folder, "logs"), join(folder, "logs"), { recursive: true });
    // A run that ended has taken its state away.
    const state = join(this.live.folder, "state");
    if (existsSync(state)) cpSync(state, join(folder, "state"), { recursive: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#feed);
    for (const writer of this.#writers) writer[Symbol.dispose]();
    await this.live[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true });
  }
}
