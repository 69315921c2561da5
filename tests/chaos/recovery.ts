/**
 * When a killed process works again. An instance: at the first tuple it handles in its new life.
 * A stream manager: at the first tuple handled that was sent through it after its death. The
 * topology master: when its new address is told and all stream managers are connected to it.
 */

import { readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { topologyPaths } from "../../src/state/mod.ts";
import type { TaskPlan } from "../../src/plan/mod.ts";
import { metricFilesOf } from "../e2e/metric_files.ts";
import { portsOf } from "../e2e/process_tree.ts";
import { codeOf } from "../support/durable_files.ts";
import type { DurableRun } from "./durable_run.ts";
import { connectedSockets } from "./socket_cutter.ts";

/** The roles that are killed. */
export const ROLES = ["instance", "stmgr", "tm", "metricsmgr", "container"] as const;

/** A role that is killed. */
export type Role = (typeof ROLES)[number];

/** A process of the run, by what it is. */
export interface Target {
  readonly role: Role;
  readonly container: number;
  /** Of an instance. */
  readonly task: TaskPlan | undefined;
}

/** `Date.now()` when it worked again after `killedMs`, once it does. */
export type RecoveryCheck = (killedMs: number) => number | undefined;

/** A check that is made just before a process is killed, and then asked again and again. */
export function recoveryOf(run: DurableRun, target: Target): RecoveryCheck {
  const { container, role, task } = target;
  if (task !== undefined) return instanceRecovery(run, task);
  if (role === "stmgr") return stmgrRecovery(run, container);
  if (role === "metricsmgr") return metricsmgrRecovery(run, container);
  if (role === "container" && container > 0) return containerRecovery(run, container);
  return tmRecovery(run);
}

function instanceRecovery(run: DurableRun, task: TaskPlan): RecoveryCheck {
  const watch = run.watch(task);
  return () => watch.read().find(({ life }) => life >= watch.livesBefore)?.handledMs;
}

function tasksIn(run: DurableRun, container: number): TaskPlan[] {
  return run.plan.tasks.filter((one) => one.containerId === container);
}

function stmgrRecovery(run: DurableRun, container: number): RecoveryCheck {
  // Spouts receive nothing.
  const bolts = tasksIn(run, container).filter(({ taskId }) =>
    run.plan.sourcesOf(taskId).length > 0
  );
  const watches = bolts.map((task) => run.watch(task));
  return (killedMs) => {
    const found = watches.flatMap((watch) => watch.read())
      .filter(({ sentMs }) => sentMs > killedMs)
      .map(({ handledMs }) => handledMs);
    return found.length === 0 ? undefined : Math.min(...found);
  };
}

/** All its tasks work again. */
function containerRecovery(run: DurableRun, container: number): RecoveryCheck {
  const checks = tasksIn(run, container).map((task) => instanceRecovery(run, task));
  const found = new Map<RecoveryCheck, number>();
  return (killedMs) => {
    for (const check of checks) {
      const atMs = found.has(check) ? undefined : check(killedMs);
      if (atMs !== undefined) found.set(check, atMs);
    }
    return found.size < checks.length ? undefined : Math.max(...found.values());
  };
}

function tmRecovery(run: DurableRun): RecoveryCheck {
  const location = join(
    run.live.folder,
    "state",
    topologyPaths(run.plan.definition.name).tmanager,
  );
  const before = identityOf(location);
  return () => {
    const now = identityOf(location);
    if (now === undefined || now === before) return undefined;
    const pid = run.find("tm", {})?.pid;
    if (pid === undefined) return undefined;
    const ports = new Set(portsOf(pid).map(({ port }) => port));
    const isConnected = run.plan.stmgrs.every(({ stmgrId }) => {
      const stmgr = run.find("stmgr", { container: Number(stmgrId.replace("stmgr-", "")) });
      return stmgr !== undefined &&
        connectedSockets(stmgr.pid).some(({ address }) =>
          "remote" in address && ports.has(address.remote)
        );
    });
    return isConnected ? Date.now() : undefined;
  };
}

/** Changes whenever a record is put in place. */
function identityOf(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? undefined : `${found.ino}/${found.mtimeMs}`;
}

/** The first record that it wrote. */
function metricsmgrRecovery(run: DurableRun, container: number): RecoveryCheck {
  return (killedMs) => {
    const own = metricFilesOf(run.live.folder)
      .filter((path) => basename(path).startsWith(`metricsmgr-${container}.json`));
    const times = own.flatMap((path) => timestampsSince(path, killedMs));
    return times.length === 0 ? undefined : Math.min(...times);
  };
}

function timestampsSince(path: string, sinceMs: number): number[] {
  let text: string;
  try {
    if (statSync(path).mtimeMs <= sinceMs) return [];
    text = readFileSync(path, "utf8");
  } catch (thrown) {
    // The next life begins its files anew.
    if (codeOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
  return [...text.matchAll(/"timestamp":(\d+)/g)].map(([, atMs]) => Number(atMs))
    .filter((atMs) => atMs > sinceMs);
}
