/**
 * The processes of one run as the kernel sees them: found through /proc by the run's folder in
 * their command line, known by pid. Nothing is ever looked up, or killed, by a name.
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** A process of a run. */
export interface RunProcess {
  readonly pid: number;
  /** Its subcommand; empty when the command line is not one of heron-bin. */
  readonly role: string;
  /** Its container; undefined for those that are in none. */
  readonly container: number | undefined;
  /** Its task; undefined for all but instances. */
  readonly task: number | undefined;
  readonly commandLine: readonly string[];
}

/** Memory of a process, in bytes. */
export interface ProcessMemory {
  readonly residentBytes: number;
  /** What would be given back if it ended. */
  readonly privateBytes: number;
}

const KIB = 1024;

/** All processes whose command line names a path in `folder`, or that stand in it, by pid. */
export function processesIn(folder: string): RunProcess[] {
  const found: RunProcess[] = [];
  for (const pid of allPids()) {
    const commandLine = commandLineOf(pid);
    if (commandLine === undefined || pid === process.pid) continue;
    const isNamed = commandLine.some((part) => part.startsWith(`${folder}/`));
    if (isNamed || isBelow(readLink(`/proc/${pid}/cwd`), folder)) {
      found.push(describe(pid, commandLine));
    }
  }
  return found;
}

/** `stmgr-1`, `container_1_word_3`: the id that a process has in logs and on the wire. */
export function idOf(one: RunProcess, componentOf: (task: number) => string): string {
  const { role, container, task } = one;
  if (task !== undefined) return `container_${container}_${componentOf(task)}_${task}`;
  return role === "tm" || role === "scheduler" ? role : `${role}-${container}`;
}

/** What a process is, for people: `instance --container 1 --task 2 (pid 7)`. */
export function label({ pid, role, container, task }: RunProcess): string {
  const parts = [role || "a foreign process"];
  if (container !== undefined) parts.push(`of container ${container}`);
  if (task !== undefined) parts.push(`of task ${task}`);
  return `${parts.join(" ")} (pid ${pid})`;
}

/** Whether the process runs or sleeps: it is there and no zombie. */
export function isAlive(pid: number): boolean {
  return commandLineOf(pid) !== undefined;
}

/** The memory of a process; undefined when it is gone. */
export function memoryOf(pid: number): ProcessMemory | undefined {
  const text = read(`/proc/${pid}/smaps_rollup`);
  if (text === undefined || text === "") return undefined;
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0);
  return {
    residentBytes: kilobytes("Rss") * KIB,
    privateBytes: (kilobytes("Private_Clean") + kilobytes("Private_Dirty")) * KIB,
  };
}

/** Processor time that a process has used, in milliseconds; 0 when it is gone. */
export function cpuMsOf(pid: number): number {
  const stat = read(`/proc/${pid}/stat`) ?? "";
  // Fields behind the command's name, which is in brackets; user and system time are 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  return ticks * 10;
}

/** The paths of files that a process has open for writing; sockets and pipes are none. */
export function filesWrittenBy(pid: number): string[] {
  return descriptorsOf(pid).flatMap(({ number, target }) => {
    if (!target.startsWith("/") || target.startsWith("/dev/") || target.startsWith("/proc/")) {
      return [];
    }
    const flags = /^flags:\s+(\d+)$/m.exec(read(`/proc/${pid}/fdinfo/${number}`) ?? "")?.[1];
    const isWritable = (parseInt(flags ?? "0", 8) & 3) !== 0;
    return isWritable ? [target] : [];
  });
}

/** The environment of a process, as the bytes it was started with. */
export function environmentOf(pid: number): Buffer {
  try {
    return readFileSync(`/proc/${pid}/environ`);
  } catch (thrown) {
    if (isGone(thrown)) return Buffer.alloc(0);
    throw thrown;
  }
}

/** Where a process listens for TCP connections. */
export interface ListeningPort {
  /** The address as the kernel's table has it; `LOOPBACK` when no other machine reaches it. */
  readonly localAddress: string;
  readonly port: number;
}

/** 127.0.0.1 in the kernel's table. */
export const LOOPBACK = "0100007F";

/** The TCP ports that a process listens on. */
export function portsOf(pid: number): ListeningPort[] {
  const inodes = new Set(
    descriptorsOf(pid).flatMap(({ target }) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []),
  );
  const ports: ListeningPort[] = [];
  for (const table of ["tcp", "tcp6"]) {
    for (const line of (read(`/proc/${pid}/net/${table}`) ?? "").split("\n").slice(1)) {
      const fields = line.trim().split(/\s+/);
      const isListening = fields[3] === "0A";
      if (!isListening || !inodes.has(fields[9] ?? "")) continue;
      const [localAddress = "", port = ""] = (fields[1] ?? "").split(":");
      ports.push({ localAddress, port: parseInt(port, 16) });
    }
  }
  return ports;
}

/** Sends a signal to one process; says whether it was there. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    process.kill(pid, name);
    return true;
  } catch (thrown) {
    if (isGone(thrown)) return false;
    throw thrown;
  }
}

function allPids(): number[] {
  return readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number);
}

// Empty for zombies and threads of the kernel: neither is a process that somebody left running.
function commandLineOf(pid: number): string[] | undefined {
  const text = read(`/proc/${pid}/cmdline`);
  if (text === undefined || text === "") return undefined;
  return text.replace(/\0$/, "").split("\0");
}

function describe(pid: number, commandLine: readonly string[]): RunProcess {
  const flag = (name: string): number | undefined => {
    const at = commandLine.indexOf(name);
    return at < 0 ? undefined : Number(commandLine[at + 1]);
  };
  const isRole = commandLine.includes("--job");
  const role = isRole ? commandLine[commandLine.indexOf("--job") - 1] ?? "" : "";
  return { pid, role, container: flag("--container"), task: flag("--task"), commandLine };
}

interface Descriptor {
  readonly number: string;
  readonly target: string;
}

function descriptorsOf(pid: number): Descriptor[] {
  let numbers: string[];
  try {
    numbers = readdirSync(`/proc/${pid}/fd`);
  } catch (thrown) {
    if (isGone(thrown)) return [];
    throw thrown;
  }
  return numbers.map((number) => ({ number, target: readLink(`/proc/${pid}/fd/${number}`) ?? "" }));
}

function isBelow(path: string | undefined, folder: string): boolean {
  return path === folder || path?.startsWith(`${folder}/`) === true;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch (thrown) {
    if (isGone(thrown)) return undefined;
    throw thrown;
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (thrown) {
    if (isGone(thrown)) return undefined;
    throw thrown;
  }
}

// ESRCH: it ended while it was looked at. EACCES: another user's, so not the run's.
function isGone(thrown: unknown): boolean {
  const code = thrown instanceof Error && "code" in thrown ? thrown.code : undefined;
  return code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM";
}
