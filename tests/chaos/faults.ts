/**
 * What is done to a run: which fault, to whom and how long is drawn from a seed; a strike is one
 * or two of them at a time.
 */

import type { Random } from "../../src/base/mod.ts";
import { signal } from "../e2e/process_tree.ts";
import type { DurableRun } from "./durable_run.ts";
import { type RecoveryCheck, recoveryOf, type Role, type Target } from "./recovery.ts";
import { type ConnectedSocket, connectedSockets, cut, mayCut } from "./socket_cutter.ts";

/**
 * `net.silence.ms` of the topology: who stands still for longer is lost. So long that a loaded
 * machine lets nobody stand that was not stopped.
 */
export const SILENCE_MS = 4000;
const STOP_SHORT_MS = 800;
const STOP_LONG_MS = SILENCE_MS + 1500;

/** A fault that is to be. */
export type FaultPlan =
  | { readonly type: "kill"; readonly target: Target }
  | { readonly type: "stop"; readonly target: Target; readonly forMs: number }
  /** A connection between the two roles, whichever comes first by `choice`. */
  | { readonly type: "cut"; readonly link: LinkKind; readonly choice: number };

/** Which connections are cut. */
export type LinkKind = "stmgr-stmgr" | "stmgr-instance" | "stmgr-tm" | "life-line";

/** A fault that was. */
export interface Fault {
  readonly type: FaultPlan["type"];
  /** Whom it hit, for people. */
  readonly at: string;
  readonly role: Role | LinkKind;
  readonly startMs: number;
  /** When what was stopped went on. */
  readonly endMs: number;
  /** Of a kill: from it to the first work of the next life. */
  recoveryMs?: number;
}

/** A fault under way. */
export interface FaultUnderWay {
  readonly fault: Promise<Fault>;
  /** Of a kill. */
  readonly check: RecoveryCheck | undefined;
}

const KILLS: readonly (readonly [Role, weight: number])[] = [
  ["instance", 45],
  ["stmgr", 22],
  ["tm", 13],
  ["metricsmgr", 10],
  ["container", 10],
];

/** Draws one or two faults. */
export function drawStrike(random: Random, run: DurableRun): FaultPlan[] {
  const first = drawFault(random, run);
  if (random.below(5) !== 0) return [first];
  const second = drawFault(random, run);
  return describe(first) === describe(second) ? [first] : [first, second];
}

function drawFault(random: Random, run: DurableRun): FaultPlan {
  const kind = random.below(100);
  if (kind < 12 && mayCut()) {
    return { type: "cut", link: drawLink(random, run), choice: random.uint32() };
  }
  if (kind < 26) {
    const target = drawTarget(random, run, "stop");
    const isLong = random.below(3) === 0;
    const forMs = isLong ? STOP_LONG_MS : 50 + random.below(STOP_SHORT_MS);
    return { type: "stop", target, forMs };
  }
  return { type: "kill", target: drawTarget(random, run, "kill") };
}

function drawLink(random: Random, run: DurableRun): LinkKind {
  const links: LinkKind[] = ["stmgr-instance", "stmgr-instance", "stmgr-tm", "life-line"];
  if (run.containers > 1) links.push("stmgr-stmgr", "stmgr-stmgr", "stmgr-stmgr");
  return pick(random, links);
}

function drawTarget(random: Random, run: DurableRun, type: "kill" | "stop"): Target {
  const total = KILLS.reduce((sum, [, weight]) => sum + weight, 0);
  let left = random.below(total);
  const [role] = KILLS.find(([, weight]) => (left -= weight) < 0) ?? ["instance"];
  // Nobody waits for a supervisor that stands still.
  const chosen = type === "stop" && role === "container" ? "stmgr" : role;
  if (chosen === "instance") {
    const task = pick(random, run.plan.tasks);
    return { role: chosen, container: task.containerId, task };
  }
  const workers = Array.from({ length: run.containers }, (_, index) => index + 1);
  const places = {
    tm: [0],
    stmgr: workers,
    metricsmgr: [0, ...workers],
    container: [0, ...workers],
  };
  return { role: chosen, container: pick(random, places[chosen]), task: undefined };
}

/** A fault in words. */
export function describe(plan: FaultPlan): string {
  switch (plan.type) {
    case "kill":
      return `kill ${nameOf(plan.target)}`;
    case "stop":
      return `stop ${nameOf(plan.target)} for ${plan.forMs} ms`;
    case "cut":
      return `cut ${plan.link}`;
  }
}

/** What a target is called. */
export function nameOf({ container, role, task }: Target): string {
  if (task !== undefined) return `instance ${task.component}[${task.componentIndex}]`;
  return role === "tm" ? "tm" : `${role}-${container}`;
}

/** Waits until what was struck works again; a cut and a stop have nothing to wait for but their end. */
export async function recovered(
  run: DurableRun,
  { check, fault }: FaultUnderWay,
): Promise<Fault> {
  const known = await fault;
  if (check === undefined) return known;
  const atMs = await run.until(`${known.at} to work again`, () => check(known.startMs));
  return { ...known, recoveryMs: atMs - known.startMs };
}

/** Does it; undefined when whom it is for is not there just now. */
export function strike(run: DurableRun, plan: FaultPlan): FaultUnderWay | undefined {
  if (plan.type === "cut") return strikeLink(run, plan.link, plan.choice);
  const { target, type } = plan;
  const place = target.task === undefined
    ? { container: target.container }
    : { container: target.container, task: target.task.taskId };
  const found = run.find(target.role, place);
  if (found === undefined) return undefined;
  const check = type === "kill" ? recoveryOf(run, target) : undefined;
  if (!signal(found.pid, type === "kill" ? "SIGKILL" : "SIGSTOP")) return undefined;
  const startMs = Date.now();
  const fault = { type, at: nameOf(target), role: target.role, startMs, endMs: startMs };
  if (type === "kill") return { fault: Promise.resolve(fault), check };
  return { fault: goOn(found.pid, plan.forMs).then((endMs) => ({ ...fault, endMs })), check };
}

async function goOn(pid: number, afterMs: number): Promise<number> {
  await Bun.sleep(afterMs);
  signal(pid, "SIGCONT");
  return Date.now();
}

function strikeLink(run: DurableRun, link: LinkKind, choice: number): FaultUnderWay | undefined {
  const sockets = socketsOf(run, link);
  const socket = sockets[choice % Math.max(1, sockets.length)];
  const startMs = Date.now();
  if (socket === undefined || !cut(socket)) return undefined;
  const fault: Fault = { type: "cut", at: link, role: link, startMs, endMs: startMs };
  return { fault: Promise.resolve(fault), check: undefined };
}

/** One end of each connection of that kind. */
function socketsOf(run: DurableRun, link: LinkKind): ConnectedSocket[] {
  const ofRole = (wanted: string): ConnectedSocket[][] =>
    run.live.processes.filter(({ role }) => role === wanted)
      .map(({ pid }) => connectedSockets(pid));
  switch (link) {
    case "stmgr-instance":
      return acceptedAt(ofRole("stmgr"), /\/stmgr-\d+\.sock/);
    case "life-line":
      return acceptedAt(ofRole("container"), /\/container-\d+\.sock/);
    case "stmgr-tm":
      return between(ofRole("stmgr"), ofRole("tm"));
    case "stmgr-stmgr":
      return between(ofRole("stmgr"), ofRole("stmgr"));
  }
}

function acceptedAt(processes: ConnectedSocket[][], path: RegExp): ConnectedSocket[] {
  return processes.flat().filter(({ address }) => "unix" in address && path.test(address.unix));
}

/** The sockets of `processes` whose other end one of `others` has. */
function between(processes: ConnectedSocket[][], others: ConnectedSocket[][]): ConnectedSocket[] {
  const ports = new Set(
    others.flat().flatMap(({ address }) => "local" in address ? [address.local] : []),
  );
  return processes.flat().filter(({ address }) => "remote" in address && ports.has(address.remote));
}

function pick<T>(random: Random, list: readonly T[]): T {
  const found = list[random.below(list.length)];
  if (found === undefined) throw new RangeError("Pick one of a list: it is empty");
  return found;
}
