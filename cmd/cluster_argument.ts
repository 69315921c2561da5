/**
 * The cluster that a command is given: Heron's `CLUSTER[/ROLE[/ENVIRON]]`, and the flags that say
 * where its file is and what is to be otherwise.
 */

import { homedir } from "node:os";
import { join } from "node:path";
import { HeronError } from "../src/base/mod.ts";
import {
  type ClusterFlag,
  clusterNameFault,
  DEFAULT_FOLDER,
  FOLDER_VARIABLE,
  type LoadClusterOptions,
} from "../src/cluster/mod.ts";
import type { FlagSpec, ParsedFlags } from "./flags.ts";
import { userName } from "./user_name.ts";

/** Who topologies belong to, and where they run. */
export interface ClusterTarget {
  readonly cluster: string;
  readonly role: string;
  readonly environ: string;
}

/** The environ of a target that names none. */
export const DEFAULT_ENVIRON = "default";

/** The flags of a command that takes a cluster. */
export const CLUSTER_FLAGS: readonly FlagSpec[] = Object.freeze([
  {
    flag: "--config-path <folder>",
    description: `take cluster files from there, not from ${FOLDER_VARIABLE} or ~/${
      DEFAULT_FOLDER.join("/")
    }`,
  },
  {
    flag: "--config <key=value>",
    description: "set a key of the cluster: state.root=/scratch/state",
    repeatable: true,
  },
  {
    flag: "--slurm <key=value>",
    description: "set a key of scheduler.slurm: partition=long, time.limit=12h",
    repeatable: true,
  },
]);

const PARTS = ["cluster", "role", "environ"] as const;
const EXPECTED = "CLUSTER[/ROLE[/ENVIRON]]";

/**
 * The target that `text` says; the role is `user` where it names none.
 * @throws HeronError `usage` for more than three names, or one that may not be a name
 */
export function parseClusterTarget(text: string, user: string): ClusterTarget {
  const given = text.split("/");
  if (given.length > PARTS.length) {
    throw new HeronError(
      "usage",
      `Read cluster "${text}": found ${given.length} names, expected ${EXPECTED}`,
    );
  }
  const [cluster = "", role = user, environ = DEFAULT_ENVIRON] = given;
  const names: ClusterTarget = { cluster, role, environ };
  for (const part of PARTS) {
    const fault = clusterNameFault(names[part]);
    if (fault === undefined) continue;
    const isUsers = part === "role" && given.length < 2;
    const place = isUsers ? `the name of this user for its role` : `its ${part}`;
    const advice = isUsers ? `; name another: ${cluster}/ROLE` : "";
    throw new HeronError("usage", `Read cluster "${text}", ${place}: ${fault}${advice}`);
  }
  return Object.freeze(names);
}

/** What the cluster `text` and the flags of `CLUSTER_FLAGS` ask to be loaded. @throws HeronError `usage` */
export function clusterOptions(text: string, flags: ParsedFlags): LoadClusterOptions {
  const user = userName();
  const home = homedir();
  const named = process.env[FOLDER_VARIABLE] ?? "";
  const given = flags.text("--config-path");
  const flagged = (flag: ClusterFlag) => flags.all(flag).map((one) => [flag, one] as const);
  return {
    names: { ...parseClusterTarget(text, user), home, user, environment: process.env },
    folder: given !== undefined
      ? { path: given, namedBy: "--config-path" }
      : named !== ""
      ? { path: named, namedBy: FOLDER_VARIABLE }
      : { path: join(home, ...DEFAULT_FOLDER), namedBy: undefined },
    flags: [...flagged("--config"), ...flagged("--slurm")],
  };
}
