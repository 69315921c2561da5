/** From a topology file to what its code defines: bundled, and evaluated in a process of its own. */

import { stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type Clock, HeronError, type Random } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import type { CommandSpec, FlagSpec } from "./flags.ts";
import { selfCommand } from "./self.ts";

/** The positionals of a command that takes a topology file and the arguments of its code. */
export const TOPOLOGY_POSITIONALS: NonNullable<CommandSpec["positionals"]> = Object.freeze([
  { name: "<file>", description: "topology file (TypeScript or JavaScript)" },
  { name: "[args...]", description: "arguments for its default export" },
]);

/** `--containers`, of such a command. */
export const CONTAINERS_FLAG: FlagSpec = Object.freeze({
  flag: "--containers <number>",
  description: "worker containers, in place of topology.stmgrs",
});

/** `--env`, of such a command. */
export const ENV_FLAG: FlagSpec = Object.freeze({
  flag: "--env <name>",
  description: "give user code the variable NAME, or NAME=VALUE",
  repeatable: true,
});

/** A topology file, and what its code is given. */
export interface TopologyFile {
  readonly file: string;
  readonly arguments: readonly string[];
  readonly environment: lifecycle.Environment;
  readonly workingFolder: string;
}

/** With what it is built. */
export interface BuildTools {
  readonly folder: lifecycle.RunFolder;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
}

/** A topology as its code defines it. */
export interface BuiltTopology {
  readonly bundle: lifecycle.Bundle;
  readonly definition: lifecycle.Definition["definition"];
}

/** Bundles and evaluates a topology file. @throws HeronError with the user's fault */
export async function buildTopology(
  { file, arguments: args, environment, workingFolder }: TopologyFile,
  { folder, clock, random, signal }: BuildTools,
): Promise<BuiltTopology> {
  // In place of every tsconfig.json that lies around the topology.
  const tsconfig = join(folder.path, "tsconfig.json");
  await writeFile(tsconfig, "{}", { mode: 0o600 });
  const bundle = await lifecycle.bundleTopology({
    file,
    folder: folder.topology,
    tsconfig,
    nodeEnv: environment["NODE_ENV"] ?? "production",
    workingFolder,
  });
  const { definition } = await lifecycle.defineTopology({
    command: [...selfCommand(), "define"],
    file,
    bundle: bundle.path,
    arguments: args,
    environment,
    workingFolder,
    clock,
    random,
    signal,
  });
  return { bundle, definition };
}

/** The path of a topology file. @throws HeronError `not_found`, or `usage` when it is no file */
export async function findTopologyFile(given: string): Promise<string> {
  const file = resolve(given);
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() === true) return file;
  throw new HeronError(
    found === undefined ? "not_found" : "usage",
    `Read topology "${given}": ${found === undefined ? "there is no such file" : "it is no file"}`,
  );
}

/** The value of `--containers`; undefined when it was not given. @throws HeronError `usage` */
export function readContainers(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const containers = Number(text);
  if (/^\d+$/.test(text) && containers >= 1 && containers <= 10_000) return containers;
  throw new HeronError(
    "usage",
    `Read --containers: found "${text}", expected a whole number from 1 to 10000`,
  );
}
