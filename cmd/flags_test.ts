/** Tests of reading the command line. */

import { expect, test } from "bun:test";
import { HeronError } from "../src/base/mod.ts";
import { type CommandSpec, type ParsedFlags, parseFlags, unknownCommand } from "./flags.ts";

const spec: CommandSpec = {
  name: "run",
  summary: "Runs a topology.",
  positionals: [{ name: "<file>", description: "topology" }, {
    name: "[args...]",
    description: "its arguments",
  }],
  flags: [
    { flag: "--containers <number>", description: "containers" },
    { flag: "--env <name>", description: "variable", repeatable: true },
    { flag: "--json", description: "JSON" },
  ],
  exitCodes: [0, 2],
  notes: "A note.",
};

async function flagsOf(argv: readonly string[]): Promise<ParsedFlags> {
  const parsing = await parseFlags(spec, argv);
  if (parsing.type === "help") throw new Error("expected flags");
  return parsing.flags;
}

test("parseFlags() takes flags before, between and behind positionals", async () => {
  const flags = await flagsOf(["--json", "a.ts", "x", "--containers", "3", "y"]);
  expect(flags.positionals).toEqual(["a.ts", "x", "y"]);
  expect(flags.isSet("--json")).toBe(true);
  expect(flags.text("--containers")).toBe("3");
  expect(flags.all("--env")).toEqual([]);
});

test("parseFlags() leaves what is behind -- to the topology", async () => {
  const flags = await flagsOf(["a.ts", "--", "--json", "-x"]);
  expect(flags.positionals).toEqual(["a.ts", "--json", "-x"]);
  expect(flags.isSet("--json")).toBe(false);
});

test("parseFlags() collects repeated flags", async () => {
  const flags = await flagsOf(["a.ts", "--env", "A", "--env=B=1"]);
  expect(flags.all("--env")).toEqual(["A", "B=1"]);
});

test("parseFlags() suggests the nearest flag", () => {
  expect(parseFlags(spec, ["a.ts", "--jsn"])).rejects.toThrow(
    /unknown option '--jsn' \(Did you mean --json\?\); "heron-bin run --help"/,
  );
});

test("parseFlags() refuses missing values and positionals", async () => {
  for (const argv of [[], ["a.ts", "--containers"]]) {
    const thrown: unknown = await parseFlags(spec, argv).catch((error: unknown) => error);
    expect(thrown instanceof HeronError && thrown.code).toBe("usage");
  }
});

test("parseFlags() shows help with notes and exit codes", async () => {
  const parsing = await parseFlags(spec, ["--help"]);
  expect(parsing.type === "help" && parsing.text).toMatch(
    /^Usage: heron-bin run \[options\] <file> \[args\.\.\.\]\n[^]*--containers[^]*A note\.\n\nExit codes:\n +0 [^]* 2 /,
  );
});

test("unknownCommand() suggests the nearest command", async () => {
  const error = await unknownCommand("rum", ["run", "version"]);
  expect(error.code).toBe("usage");
  expect(error.message).toBe(
    `Read the command line: unknown command 'rum' (Did you mean run?); "heron-bin help" shows what there is`,
  );
});
