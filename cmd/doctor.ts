/** `heron-bin doctor`: what keeps topologies from running here, and what to do about it. */

import { availableParallelism, freemem, hostname, totalmem } from "node:os";
import { readFileSync } from "node:fs";
import { systemClock } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import type { Finding } from "../src/scheduler/mod.ts";
import { CLUSTER_POSITIONAL, findCluster, withClusterFlags } from "./cluster.ts";
import { type CommandSpec, parseFlags } from "./flags.ts";
import { findExaminer, findLauncher, findStateManager } from "./wiring.ts";

/** What `heron-bin doctor` takes. */
export const DOCTOR_SPEC: CommandSpec = Object.freeze({
  name: "doctor",
  summary: "Look this machine and a cluster over: what is wrong, and what to do about it.",
  positionals: [CLUSTER_POSITIONAL],
  flags: withClusterFlags({
    flag: "--json",
    description: "print one JSON object a finding, a line each",
  }),
  exitCodes: [0, 2, 5, 70],
  notes: "It changes nothing. The exit code is 5 when something is at fault, not for hints.",
});

const FAULT_EXIT_CODE = 5;
const MIB = 1024 * 1024;
const FREE_BYTES_MIN = 500 * MIB;
const FILES_MIN = 1024;

/** Looks a cluster over; resolves with the exit code. */
export async function doctorCommand(argv: readonly string[]): Promise<number> {
  const parsing = await parseFlags(DOCTOR_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const { flags } = parsing;
  const { settings } = await findCluster(flags);
  const { cluster, state: { root }, scheduler, uploader } = settings;
  const findings = [
    ...examineMachine(),
    ...await lifecycle.examineCluster({
      cluster,
      stateRoot: root,
      packageFolder: uploader.folder,
      workingRoot: scheduler.folder,
      launcher: await findLauncher(scheduler.type, scheduler, systemClock),
      isShared: scheduler.type !== "local",
      clock: systemClock,
      examineScheduler: await findExaminer(scheduler, systemClock),
      openState: () => findStateManager(root, systemClock),
    }),
  ];
  if (flags.isSet("--json")) {
    for (const finding of findings) {
      console.log(JSON.stringify(finding));
    }
  } else console.write(lifecycle.formatFindings(findings));
  return findings.some(({ verdict }) => verdict === "fault") ? FAULT_EXIT_CODE : 0;
}

function examineMachine(): readonly Finding[] {
  const about = `machine "${hostname()}"`;
  const [free, total] = [freemem(), totalmem()].map((bytes) => Math.floor(bytes / MIB));
  const found = `${availableParallelism()} CPUs, ${free} of ${total} MiB memory free`;
  const findings: Finding[] = [
    freemem() >= FREE_BYTES_MIN
      ? { verdict: "ok", about, found, advice: "" }
      : { verdict: "hint", about, found, advice: "a small topology takes about 300 MiB" },
  ];
  const files = filesMax();
  if (files !== undefined && files < FILES_MIN) {
    findings.push({
      verdict: "hint",
      about,
      found: `a process may open ${files} files`,
      advice: `"ulimit -n ${FILES_MIN}" before a submit lets a stream manager have more peers`,
    });
  }
  return findings;
}

/** How many files a process may open; undefined where the system does not say. */
function filesMax(): number | undefined {
  try {
    const limits = readFileSync("/proc/self/limits", "utf8");
    const files = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
    return files === undefined ? undefined : Number(files);
  } catch {
    // No Linux: it is not told, and not asked for.
    return undefined;
  }
}
