/**
 * Loads a cluster: defaults, heron-bin's own cluster, the user's file and the command line, laid on
 * each other, checked with all faults told together, and made into settings.
 */

import { HeronError } from "../base/mod.ts";
import { type ClusterFolder, readClusterFile } from "./cluster_file.ts";
import {
  builtInLayer,
  type ClusterFault,
  type ClusterFlag,
  type ClusterLayer,
  commandLineLayer,
  defaultLayer,
  fileLayer,
} from "./cluster_layer.ts";
import type { ClusterSettings } from "./cluster_settings.ts";
import { readYaml } from "./cluster_yaml.ts";
import type { ExpandNames } from "./expand.ts";
import { type ClusterValue, mergeLayers } from "./merge_layers.ts";
import { originText } from "./origin_text.ts";
import { settingsFrom } from "./settings_from.ts";

/** Options of `loadCluster`. */
export interface LoadClusterOptions {
  /** For whom, and what variables stand for. */
  readonly names: ExpandNames;
  readonly folder: ClusterFolder;
  /** What the flags of the command line say, in their order: `["--config", "state.root=/x"]`. */
  readonly flags: readonly (readonly [flag: ClusterFlag, text: string])[];
}

/** A cluster that was loaded. */
export interface LoadedCluster {
  readonly settings: ClusterSettings;
  /** All keys that are in force, with where each comes from. */
  readonly values: readonly ClusterValue[];
  /** The user's file; undefined: there is none. */
  readonly file: string | undefined;
  /** What is written and changes nothing, a line each. */
  readonly warnings: readonly string[];
}

/**
 * Loads a cluster.
 * @throws HeronError `invalid_config` with a line for each fault, `not_found` when there is no such
 *   cluster, `limit` when its file is too large, or that of the system error when it cannot be read
 */
export async function loadCluster(options: LoadClusterOptions): Promise<LoadedCluster> {
  const { names, folder, flags } = options;
  const { cluster } = names;
  const found = await readClusterFile(cluster, folder);
  const above = [
    builtInLayer(cluster),
    ...(found === undefined ? [] : [layerOfFile(found)]),
    commandLineLayer(flags),
  ];
  const { values, faults, warnings } = mergeLayers([defaultLayer(above), ...above], names);
  const type = values.get("scheduler.type")?.value;
  const misplaced = type === "slurm" || faults.length > 0 ? [] : slurmFlags(flags, type);
  const all = [...faults, ...misplaced];
  if (all.length > 0) {
    const [first = "", ...others] = all.map(lineOf);
    const told = others.length === 0
      ? first
      : [`${all.length} faults`, first, ...others].join("\n  ");
    throw new HeronError("invalid_config", `Read cluster "${cluster}": ${told}`);
  }
  const settings = settingsFrom(values, names);
  return Object.freeze({
    settings,
    values: [...values.values()].filter(({ path, origin }) =>
      type === "slurm" || !path.startsWith("scheduler.slurm.") || origin.type !== "default"
    ),
    file: found?.file,
    warnings: warnings.map(lineOf),
  });
}

function layerOfFile({ file, text }: { file: string; text: string }): ClusterLayer {
  const reading = readYaml(text);
  if ("tree" in reading) return fileLayer({ file, text, tree: reading.tree });
  const { line, fault } = reading;
  return {
    entries: [],
    faults: [{ origin: { type: "file", file, line }, path: "", text: fault }],
    warnings: [],
  };
}

function slurmFlags(flags: LoadClusterOptions["flags"], type: unknown): readonly ClusterFault[] {
  return flags.filter(([flag]) => flag === "--slurm").map(([flag, text]) => ({
    origin: { type: "command_line", flag },
    path: text,
    text: `found the scheduler ${JSON.stringify(type)}, expected "slurm"`,
  }));
}

function lineOf({ origin, path, text }: ClusterFault): string {
  return `${originText(origin)}${path === "" ? "" : ` "${path}"`}: ${text}`;
}
