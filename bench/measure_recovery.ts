/**
 * Measures how long a topology takes to work again after kill -9. An instance: until the first
 * tuple it handles in its next life. A stream manager: until the first tuple is handled that was
 * emitted after its death. The topology master: until the state store says where the next one is.
 */

import { statSync } from "node:fs";
import { join } from "node:path";
import { topologyPaths } from "../src/state/mod.ts";
import { signal } from "../tests/e2e/process_tree.ts";
import { BenchRun, type RoleProcess, type TaskLine } from "./bench_run.ts";
import type { TimesFigures } from "./figures.ts";
import { parseTrace, type Trace } from "./line_formats.ts";
import { LAST, type Measurement } from "./measure_window.ts";
import { percentilesOf } from "./statistics.ts";

/** Its middle and last components are killed in turn. */
const VICTIMS = ["identity", LAST] as const;
const ROLES = ["instance", "stmgr", "tm"] as const;
/** How long a killed process may take to work again, in milliseconds. */
const PATIENCE_MS = 60_000;
/**
 * Between two kills, in milliseconds: what has come back has taken up its work, and lives for more
 * than a second until its turn comes again; else its supervisor would wait before it starts it.
 */
const CALM_MS = 600;

/** What has come of the traces since a process was killed. */
class Traces {
  readonly #traces: (Trace & { readonly component: string })[] = [];

  take({ component, text }: TaskLine): void {
    const trace = parseTrace(text);
    if (trace !== undefined) this.#traces.push({ ...trace, component });
  }

  clear(): void {
    this.#traces.length = 0;
  }

  /** When the life of `component` that began after `killedMs` handled its first tuple. */
  firstOfNewLife(component: string, killedMs: number): number | undefined {
    return this.#first((trace) =>
      trace.component === component && trace.lifeMs > killedMs ? trace.tuples : []
    );
  }

  /** When the first tuple was handled that had been emitted after `killedMs`. */
  firstSentAfter(killedMs: number): number | undefined {
    return this.#first(({ tuples }) => tuples.filter(({ sentMs }) => sentMs > killedMs));
  }

  #first(choose: (trace: Trace & { component: string }) => Trace["tuples"]): number | undefined {
    const times = this.#traces.flatMap(choose).map(({ handledMs }) => handledMs);
    return times.length === 0 ? undefined : Math.min(...times);
  }
}

/** Kills each role so many times, in turn. */
export async function measureRecovery(
  measurement: Measurement,
  kills: number,
): Promise<TimesFigures> {
  const traces = new Traces();
  await using run = new BenchRun({ ...measurement, onLine: (line) => traces.take(line) });
  await run.running();
  await run.until("a tuple at the last bolt", () => traces.firstOfNewLife(LAST, 0));
  await Bun.sleep(measurement.warmupS * 1000);
  const times: Record<string, number[]> = {};
  for (let kill = 0; kill < kills; kill++) {
    for (const role of ROLES) {
      const component = VICTIMS[kill % VICTIMS.length] ?? LAST;
      (times[role] ??= []).push(await killOnce({ run, traces, role, component }));
      await Bun.sleep(CALM_MS);
    }
  }
  const { exitCode } = await run.end();
  if (exitCode !== 0) throw new Error(`End the run: found exit code ${exitCode}\n${run.stderr}`);
  const { mode, workload } = measurement;
  const percentiles = Object.entries(times).map(([role, values]) => [role, percentilesOf(values)]);
  return { kind: "times", workload, mode, times_ms: Object.fromEntries(percentiles) };
}

interface Kill {
  readonly run: BenchRun;
  readonly traces: Traces;
  readonly role: (typeof ROLES)[number];
  /** Whose instance, if one is killed. */
  readonly component: string;
}

/** How long it took, in milliseconds. */
async function killOnce({ component, role, run, traces }: Kill): Promise<number> {
  const name = role === "instance" ? component : role;
  const { pid } = await run.until(`a process of ${name}`, () => processOf(run, name));
  const location = join(run.folder, "state", topologyPaths("recovery").tmanager);
  const before = identityOf(location);
  traces.clear();
  const killedMs = performance.timeOrigin + performance.now();
  signal(pid, "SIGKILL");
  const check = (): number | undefined => {
    if (role === "instance") return traces.firstOfNewLife(component, killedMs);
    if (role === "stmgr") return traces.firstSentAfter(killedMs);
    const now = identityOf(location);
    return now === undefined || now === before
      ? undefined
      : performance.timeOrigin + performance.now();
  };
  const atMs = await run.until(`${name} to work again`, check, PATIENCE_MS);
  return Math.round((atMs - killedMs) * 1000) / 1000;
}

function processOf(run: BenchRun, name: string): RoleProcess | undefined {
  return run.processes().find((one) => one.name === name);
}

/** Changes whenever a record is put in place. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.ino}/${found.mtimeMs}`;
}
