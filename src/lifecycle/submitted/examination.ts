/**
 * Looks a cluster over: whether its folders can be used, what was left behind by whom, and what to do
 * about it. It changes nothing that lasts.
 */

import { mkdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, HeronError } from "../../base/mod.ts";
import type { Finding, Launcher } from "../../scheduler/mod.ts";
import { put, type StateManager } from "../../state/mod.ts";
import { fileSystemOfOneMachine } from "./file_system.ts";
import { countOfTopologies, examineLeft, foldersOfTopologies } from "./left_behind.ts";
import { listTopologies, type LookedAt } from "./list_topologies.ts";
import { damagedRecords } from "./topology_records.ts";

/** What is looked over. */
export interface ExaminationOptions {
  readonly cluster: string;
  readonly stateRoot: string;
  readonly packageFolder: string;
  readonly workingRoot: string;
  readonly launcher: Launcher;
  /** Whether other machines have to see the folders. */
  readonly isShared: boolean;
  readonly clock: Clock;
  /** Opens the state store, which must be there. */
  openState(): Promise<StateManager>;
  /** Looks over what schedulers need, given the ids of the topologies that there are, if those are known. */
  examineScheduler(known: ReadonlySet<string> | undefined): Promise<readonly Finding[]>;
}

const FREE_BYTES_MIN = 200 * 1024 * 1024;
const STORE_MS_MAX = 200;
const MIB = 1024 * 1024;

/** Looks a cluster over. */
export async function examineCluster(options: ExaminationOptions): Promise<readonly Finding[]> {
  const { workingRoot, packageFolder, stateRoot, isShared } = options;
  const folders = [workingRoot, packageFolder, stateRoot];
  const findings = [
    await examineFolder("working folder", workingRoot),
    await examineFolder("package folder", packageFolder),
    ...await examineSpace(folders),
    ...(isShared ? await examineSharing(folders) : []),
  ];
  let state: StateManager;
  try {
    state = await options.openState();
  } catch (thrown) {
    return [
      ...findings,
      ...await missingStore(thrown, options),
      ...await options.examineScheduler(undefined),
    ];
  }
  await using opened = state;
  findings.push(await examineStore(opened, options));
  try {
    const { launcher } = options;
    const look = { state: opened, stateRoot, launcher };
    const topologies = await listTopologies(look, { role: undefined, environ: undefined });
    const submissions = topologies.flatMap(({ records: { submission } }) => submission ?? []);
    const known = new Set(submissions.map(({ topologyId }) => topologyId));
    const isWhole = submissions.length === topologies.length;
    findings.push(...await options.examineScheduler(isWhole ? known : undefined));
    for (const one of topologies) {
      findings.push(topologyFinding(one, options), ...await examineRecords(one, opened));
    }
    findings.push(...await examineLeft(topologies, options));
  } catch (thrown) {
    findings.push(faultOf("topologies", thrown, "look whether the state store is damaged"));
  }
  return findings;
}

/** The records that are read only now and then. */
async function examineRecords(
  { records: { name, faults } }: LookedAt,
  state: StateManager,
): Promise<readonly Finding[]> {
  const known = new Set(faults.map(({ message }) => message));
  const damaged = await damagedRecords(state, name);
  return damaged.filter(({ message }) => !known.has(message)).map(({ message }) => ({
    verdict: "fault",
    about: `topology "${name}"`,
    found: `a record of it is damaged: ${message}`,
    advice: "what reads it fails; kill the topology and submit it again, or bring the record back",
  }));
}

async function examineFolder(about: string, folder: string): Promise<Finding> {
  const probe = join(folder, `.doctor-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(probe, "");
    await rm(probe);
    return ok(about, `"${folder}" can be written to`);
  } catch (thrown) {
    return faultOf(
      about,
      thrown,
      "make it writable for this user, or name another in the cluster file",
    );
  }
}

async function examineSpace(folders: readonly string[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const folder of folders) {
    const found = await statfs(folder).catch(() => undefined);
    if (found === undefined) continue;
    const freeBytes = found.bavail * found.bsize;
    if (freeBytes >= FREE_BYTES_MIN) continue;
    findings.push({
      verdict: "hint",
      about: "disk",
      found: `${Math.floor(freeBytes / MIB)} MiB are free for "${folder}"`,
      advice: "make room: logs and packages need it",
    });
  }
  return findings;
}

async function examineStore(
  state: StateManager,
  { stateRoot, clock }: ExaminationOptions,
): Promise<Finding> {
  // No topology has a dot in its name.
  const path = `heron-bin/doctor.probe/${process.pid}`;
  const startedMs = clock.nowMs();
  try {
    await put(state, path, new Uint8Array([1]));
    await state.delete(path, "any");
  } catch (thrown) {
    return storeFault(thrown);
  }
  const tookMs = Math.round(clock.nowMs() - startedMs);
  const found = `"${stateRoot}" takes ${tookMs} ms to write a record and to remove it`;
  if (tookMs <= STORE_MS_MAX) return ok("state store", found);
  return {
    verdict: "hint",
    about: "state store",
    found,
    advice: "starts and restarts wait for it: a faster file system helps",
  };
}

function topologyFinding(
  { records, condition }: LookedAt,
  { cluster }: ExaminationOptions,
): Finding {
  const about = `topology "${records.name}"`;
  const { state, reason } = condition;
  const found = reason === "" ? state : `${state}: ${reason}`;
  const kill = `"heron-bin kill ${cluster} ${records.name}" removes it`;
  switch (state) {
    case "dead":
    case "failed": {
      const advice = `"heron-bin restart ${cluster} ${records.name}" starts it again, ${kill}`;
      return { verdict: "fault", about, found, advice };
    }
    case "damaged": {
      const isLost = records.submission === undefined && records.faults.length > 0;
      const advice = isLost
        ? "mend that record, or end its processes and remove its folder and all its records by hand"
        : kill;
      return { verdict: "fault", about, found, advice };
    }
    case "killed":
      return { verdict: "fault", about, found, advice: kill };
    case "ended":
      return { verdict: "hint", about, found, advice: kill };
    default:
      return ok(about, found);
  }
}

async function examineSharing(folders: readonly string[]): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const folder of folders) {
    const name = await fileSystemOfOneMachine(folder);
    if (name === undefined) continue;
    findings.push({
      verdict: "hint",
      about: "shared folders",
      found: `"${folder}" is on a file system of this machine (${name})`,
      advice:
        "all nodes have to see it: unless this machine shares it with them, name a shared one",
    });
  }
  return findings;
}

/** No store, and yet topologies: that is not a cluster which nobody has used. */
async function missingStore(
  thrown: unknown,
  { workingRoot }: ExaminationOptions,
): Promise<readonly Finding[]> {
  const finding = storeFault(thrown);
  const folders = await foldersOfTopologies(workingRoot);
  if (finding.verdict !== "hint" || folders.length === 0) return [finding];
  return [{
    ...finding,
    verdict: "fault",
    found: `${finding.found}; but "${workingRoot}" has the folders of ${
      countOfTopologies(folders)
    }`,
    advice: "mount its file system, or name the right state.root; remove nothing before",
  }];
}

function storeFault(thrown: unknown): Finding {
  const advice = "a first submit makes it; if there was one, its file system may not be mounted";
  const { code } = HeronError.from(thrown);
  if (code === "not_found") return { ...faultOf("state store", thrown, advice), verdict: "hint" };
  return faultOf("state store", thrown, "make it usable for this user, or name another");
}

function faultOf(about: string, thrown: unknown, advice: string): Finding {
  return { verdict: "fault", about, found: HeronError.from(thrown).message, advice };
}

function ok(about: string, found: string): Finding {
  return { verdict: "ok", about, found, advice: "" };
}

/** The findings as text, a line or two each. */
export function formatFindings(findings: readonly Finding[]): string {
  return findings.map(({ verdict, about, found, advice }) => {
    const todo = advice === "" ? "" : `         ${advice}\n`;
    return `  ${verdict.padEnd(5)}  ${about}: ${found}\n${todo}`;
  }).join("");
}
