/**
 * Steps of a check: named commands, run in order until one fails, each told
 * with its duration; and the count of tests that the test runs among them
 * report.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { capture, type Outcome, ROOT } from "./tool_chain.ts";

/**
 * For what hangs: tests have time-outs of their own, and those end to end take eight minutes on two
 * cores, on a slow machine many times that.
 */
const STEP_TIMEOUT_MS = 60 * 60 * 1000;

/** One step. */
export interface Step {
  readonly name: string;
  /** A command line, or work of our own that throws when it fails. */
  readonly run: readonly string[] | (() => Promise<void>);
  /** Whether it is a run of `bun test`, whose tests are counted. */
  readonly countsTests?: boolean;
  /** Whether its last line says what it came to, and is shown. */
  readonly showsLastLine?: boolean;
  /** The step is passed over while none of these exists in the repository. */
  readonly needs?: readonly string[];
}

/** What was counted. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
}

/** Runs `steps` until one fails; a failing step that counts no test counts as one. */
export async function runSteps(steps: readonly Step[]): Promise<Tally> {
  let total: Tally = { passed: 0, failed: 0 };
  for (const step of steps) {
    if (step.needs !== undefined && !step.needs.some((path) => existsSync(join(ROOT, path)))) {
      console.log(`skip  ${step.name}: no ${step.needs.join(", ")} yet`);
      continue;
    }
    const startMs = performance.now();
    const outcome = await perform(step);
    const isGood = outcome.exitCode === 0;
    const tally = tallyOfStep(step, outcome);
    total = { passed: total.passed + tally.passed, failed: total.failed + tally.failed };
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    const tests = step.countsTests === true ? `, ${tally.passed} passed` : "";
    console.log(`${isGood ? "ok  " : "FAIL"}  ${step.name} (${seconds} s${tests})`);
    if (step.showsLastLine === true && isGood) console.log(lastLineOf(outcome.output));
    if (isGood) continue;
    const failures = failuresIn(outcome.output);
    // First what failed and why: of a long output often only the beginning is kept.
    if (failures.length > 0) console.log(`${failures.join("\n")}\n--- all of it:`);
    console.log(outcome.output.trimEnd());
    console.log(`step "${step.name}" ended with ${outcome.exitCode ?? "a signal or its time-out"}`);
    break;
  }
  return total;
}

function tallyOfStep(step: Step, { exitCode, output }: Outcome): Tally {
  const { passed, failed } = step.countsTests === true ? tallyOf(output) : { passed: 0, failed: 0 };
  return { passed, failed: exitCode === 0 ? failed : Math.max(failed, 1) };
}

/** The numbers of the last summary in the output of `bun test`. */
export function tallyOf(output: string): Tally {
  const last = (word: string) =>
    Number([...output.matchAll(RegExp(`^ *(\\d+) ${word}$`, "gm"))].at(-1)?.[1] ?? 0);
  return { passed: last("pass"), failed: last("fail") };
}

/** Lines before the name of a failed test that say why. */
const REASON_LINES = 30;

/** What failed in the output of `bun test`: the names, then each with the lines before it. */
export function failuresIn(output: string): readonly string[] {
  // The list at the end of the output repeats the names.
  const lines = output.split(/^\d+ tests? failed:$/m)[0]?.split("\n") ?? [];
  const places = lines.flatMap((line, at) => line.startsWith("(fail)") ? [at] : []);
  const names = places.map((at) => lines[at] ?? "");
  const reasons = places.map((at, index) => {
    const from = Math.max(at - REASON_LINES, (places[index - 1] ?? -1) + 1);
    return `---\n${lines.slice(from, at + 1).join("\n")}`;
  });
  return [...names, ...reasons];
}

function lastLineOf(output: string): string {
  return output.trimEnd().split("\n").at(-1) ?? "";
}

async function perform({ run }: Step): Promise<Outcome> {
  if (typeof run !== "function") return await capture(run, STEP_TIMEOUT_MS);
  try {
    await run();
    return { exitCode: 0, output: "" };
  } catch (thrown) {
    return { exitCode: 1, output: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
