/**
 * `heron-bin test`: runs test files by the test runner inside this binary, with
 * the API and the test kit of exactly this binary under their names.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeronError } from "../src/base/mod.ts";
import { EXIT_INTERRUPTED } from "../src/lifecycle/mod.ts";
import { type CommandSpec, type ParsedFlags, parseFlags } from "./flags.ts";
import { Interrupts } from "./interrupts.ts";
import { kitFiles } from "./kit_files.ts";
import { findTestFiles } from "./test_files.ts";

/** What `heron-bin test` takes. */
export const TEST_SPEC: CommandSpec = Object.freeze({
  name: "test",
  summary: 'Run tests of topologies on virtual time, by "heron-bin/testing".',
  positionals: [
    {
      name: "[files...]",
      description: "test files, or folders with such; by default all *_test.ts below this one",
    },
  ],
  flags: [
    { flag: "--seed <number>", description: "seed of tests that name none (default 1)" },
    { flag: "--name <pattern>", description: "only tests whose name matches" },
    { flag: "--timeout <ms>", description: "real time for one test (default 5000)" },
  ],
  exitCodes: [0, 1, 2, 5, EXIT_INTERRUPTED],
  notes: `A test file imports all it needs from the binary; nothing has to be installed:
  import { createTestTopology, expect, test } from "heron-bin/testing";`,
});

/** Runs tests; resolves with the exit code of the test runner. */
export async function testCommand(argv: readonly string[]): Promise<number> {
  const parsing = await parseFlags(TEST_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const { flags } = parsing;
  const seed = readNumber(flags, "--seed") ?? 1;
  const options = runnerOptions(flags);
  const files = await findTestFiles(flags.positionals, process.cwd());
  const interrupts = new Interrupts();
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-test-"));
  try {
    const preload = await writeKit(folder, seed);
    const runner = Bun.spawn(
      [process.execPath, "test", "--preload", preload, ...options, ...files],
      {
        env: { ...process.env, BUN_BE_BUN: "1" },
        stdio: ["inherit", "inherit", "inherit"],
        signal: interrupts.signal,
      },
    );
    const exitCode = await runner.exited;
    return interrupts.signal.aborted ? EXIT_INTERRUPTED : exitCode;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runnerOptions(flags: ParsedFlags): string[] {
  const name = flags.text("--name");
  const timeoutMs = readNumber(flags, "--timeout");
  return [
    ...(name === undefined ? [] : [`--test-name-pattern=${name}`]),
    ...(timeoutMs === undefined ? [] : [`--timeout=${timeoutMs}`]),
  ];
}

function readNumber(flags: ParsedFlags, flag: string): number | undefined {
  const text = flags.text(flag);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw new HeronError("usage", `Read ${flag}: found "${text}", expected a whole number`);
}

/** Writes the kit, and what gives its files their names; returns the path of the latter. */
async function writeKit(folder: string, seed: number): Promise<string> {
  for (const { name, text } of await kitFiles()) await writeFile(join(folder, name), text);
  const path = join(folder, "names.js");
  await writeFile(path, preloadText(seed));
  return path;
}

/** Runs in the test runner before the tests: their imports find the kit, whatever lies around them. */
function preloadText(seed: number): string {
  return `import * as api from "./mod.js";
import * as kit from "./testing.js";
delete process.env.BUN_BE_BUN;
globalThis[Symbol.for("heron-bin.test_seed")] = ${seed};
Bun.plugin({
  name: "heron-bin",
  setup(build) {
    build.module("heron-bin", () => ({ exports: { ...api }, loader: "object" }));
    build.module("heron-bin/testing", () => ({ exports: { ...kit }, loader: "object" }));
  },
});
`;
}
