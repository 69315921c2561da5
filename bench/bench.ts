/**
 * `bun run bench`: measures the compiled binary's real processes, workload by workload; README.md
 * says how to read what it prints.
 */

import { appendFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../tests/support/repository.ts";
import { BenchRun } from "./bench_run.ts";
import { type BenchCommand, readCommand, USAGE } from "./command.ts";
import { Control } from "./control.ts";
import { describeMachine } from "./machine.ts";
import { measurementOf } from "./measure.ts";
import { measurePaired } from "./paired_run.ts";
import { type PairedCosts, pairedLine, pairedText } from "./paired_table.ts";
import { PEERS } from "./peers.ts";
import { buildProfiled } from "./profiles.ts";
import {
  comparisonTable,
  costTable,
  jsonLine,
  memoryTable,
  peersTable,
  type Result,
  runLine,
  summaryTable,
} from "./report.ts";
import { SteadyRuns } from "./steady_runs.ts";
import { traceCalls } from "./strace.ts";
import { findWorkloads, type Workload } from "./workloads.ts";

/** How long the control runs, in seconds. */
const CONTROL_S = 2;
const CONTROL_SMOKE_S = 0.2;
/** How long a run under strace lasts, in seconds. */
const STRACE_S = 3;

const EXIT_INTERRUPTED = 130;
const PEERS_FOLDER = join(ROOT, "../shared/peers");

/** One call of the bench. */
class Bench {
  readonly #command: BenchCommand;
  readonly #runs: SteadyRuns;
  readonly #machine = describeMachine();
  readonly #results: Result[] = [];
  readonly #failures: string[] = [];
  /** What was measured in pairs, in lines. */
  readonly #pairs: string[] = [];

  constructor(command: BenchCommand, control: Control | undefined) {
    this.#command = command;
    this.#runs = new SteadyRuns(command, control);
    if (command.jsonFile !== undefined) writeFileSync(command.jsonFile, "");
  }

  /** Runs all; resolves with the exit code. */
  async run(): Promise<number> {
    const { cores, cpu, kernel } = this.#machine;
    console.log(`${cpu}, ${cores} cores, Linux ${kernel}`);
    for (const workload of findWorkloads(this.#command.names)) {
      await this.#measure(workload);
    }
    this.#print();
    return this.#failures.length === 0 ? 0 : 1;
  }

  async #measure(workload: Workload): Promise<void> {
    const { isPaired, runs, variants } = this.#command;
    console.log(workload.name);
    if (isPaired) return await this.#measurePaired(workload);
    for (let run = 1; run <= runs; run++) {
      // In turn first, so that neither has the better place.
      const order = run % 2 === 1 ? variants : variants.toReversed();
      for (const variant of workload.kind === "stmgr" ? order.slice(0, 1) : order) {
        await this.#attempt(`${workload.name}, run ${run}`, async () => {
          for (const result of await this.#runs.run(workload, variant, run)) this.#take(result);
        });
      }
      for (const peer of this.#command.peersFolder === undefined ? [] : PEERS) {
        await this.#attempt(`${workload.name} on ${peer}, run ${run}`, async () => {
          const result = await this.#runs.runPeer(peer, workload, run);
          if (result !== undefined) this.#take(result);
        });
      }
    }
    if (this.#command.withStrace && workload.topology !== "") await this.#trace(workload);
  }

  async #measurePaired(workload: Workload): Promise<void> {
    if (workload.kind !== "rate") return console.log("  is not measured in pairs: it has no rate");
    const { jsonFile, runs, variants } = this.#command;
    const sides = variants.map((variant) => ({
      variant: variant.name,
      measurement: measurementOf(workload, variant, this.#command),
    }));
    const measured: PairedCosts[][] = [];
    for (let run = 1; run <= runs; run++) {
      await this.#attempt(`${workload.name}, run ${run}`, async () => {
        const costs = await measurePaired(run % 2 === 1 ? sides : sides.toReversed());
        if (run % 2 === 0) costs.reverse();
        measured.push(costs);
        console.log(pairedLine(run, costs));
        const line = { system: "heron-bin", workload: workload.name, run, paired: costs };
        if (jsonFile !== undefined) appendFileSync(jsonFile, `${JSON.stringify(line)}\n`);
      });
    }
    if (measured.length > 0) this.#pairs.push(pairedText(workload.name, measured));
  }

  /** One that fails leaves the others their turn. */
  async #attempt(what: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : String(thrown);
      this.#failures.push(`${what}: ${message}`);
      console.log(`  failed: ${message}`);
    }
  }

  async #trace(workload: Workload): Promise<void> {
    const { variants: [variant] } = this.#command;
    if (workload.kind !== "rate" || variant === undefined) return;
    await this.#attempt(`${workload.name} under strace`, async () => {
      const measurement = measurementOf(workload, variant, this.#command);
      const traced = await traceCalls(measurement, STRACE_S);
      if (traced === undefined) console.log("  there is no strace");
      for (const { calls, name, sends_per_tuple } of traced ?? []) {
        const counts = Object.entries(calls).map(([call, count]) => `${call} ${count}`);
        console.log(
          `  strace: ${name} writes to sockets ${sends_per_tuple.toFixed(6)} times a tuple`,
        );
        console.log(`    ${counts.join(", ")}`);
      }
    });
  }

  #take(result: Result): void {
    this.#results.push(result);
    console.log(runLine(result));
    const { jsonFile } = this.#command;
    if (jsonFile !== undefined) appendFileSync(jsonFile, `${jsonLine(result, this.#machine)}\n`);
  }

  #print(): void {
    if (this.#results.length > 0) {
      const tables = [summaryTable, costTable, memoryTable].map((table) => table(this.#results));
      console.log(`\n${tables.join("\n\n")}`);
    }
    if (this.#results.some(({ system }) => system !== "heron-bin")) {
      console.log(`\n${peersTable(this.#results)}`);
    }
    const { isPaired, variants } = this.#command;
    if (variants.length > 1 && !isPaired) console.log(`\n${comparisonTable(this.#results)}`);
    if (isPaired) console.log(`\n${this.#pairs.join("\n")}`);
    for (const failure of this.#failures) console.log(`FAILED ${failure}`);
    const workloads = new Set(this.#results.map(({ figures }) => figures.workload)).size;
    const [count, ran] = isPaired
      ? [this.#pairs.length, "measured in pairs"]
      : [workloads, `${this.#results.length} runs`];
    console.log(`\n${count} workloads, ${ran}, ${this.#failures.length} failed`);
  }
}

/** With a binary that profiles itself, if that is asked. */
function profiled(command: BenchCommand): BenchCommand {
  const { profileFolder, variants } = command;
  if (profileFolder === undefined || command.isHelp) return command;
  const binary = buildProfiled(profileFolder);
  console.log(`profiles go to ${profileFolder}`);
  return { ...command, variants: variants.slice(0, 1).map((one) => ({ ...one, binary })) };
}

async function main(): Promise<number> {
  const command = profiled(
    readCommand(process.argv.slice(2), {
      binary: join(ROOT, "dist/heron-bin"),
      peersFolder: existsSync(PEERS_FOLDER) ? PEERS_FOLDER : undefined,
    }),
  );
  if (command.isHelp) {
    console.log(USAGE);
    return 0;
  }
  const missing = command.variants.find(({ binary }) => !existsSync(binary));
  if (missing !== undefined) {
    throw new Error(`Find the binary "${missing.binary}": there is none, "bun run build" makes it`);
  }
  const seconds = command.isSmoke ? CONTROL_SMOKE_S : CONTROL_S;
  const built = command.withControl && !command.isPaired
    ? Control.build(seconds)
    : "it was not asked for";
  if (typeof built === "string") console.log(`no C control: ${built}`);
  using control = typeof built === "string" ? undefined : built;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => {
      BenchRun.killAll();
      control?.[Symbol.dispose]();
      process.exit(EXIT_INTERRUPTED);
    });
  }
  return await new Bench(command, control).run();
}

process.exitCode = await main();
