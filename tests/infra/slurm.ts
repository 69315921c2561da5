/**
 * A real Slurm on this machine: one munged, one slurmctld and some slurmd that call themselves n1,
 * n2, …, in a folder and on ports of their own. Needs root. Taken down, it leaves nothing: neither
 * a process of its own or of a job's, nor a file.
 */

import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProcessFacts } from "../../src/base/supervision/mod.ts";
import { needPackages } from "./debian.ts";
import { Hosts } from "./hosts.ts";
import { Daemon, type ProgramOutcome, runToEnd, waitFor } from "./programs.ts";
import { slurmConf } from "./slurm_conf.ts";

/** Options of `startSlurm`. */
export interface SlurmOptions {
  /** How many nodes. @default 4 */
  readonly nodes?: number;
  /** CPUs that each node says it has. @default 4 */
  readonly cpus?: number;
  /** Memory that each node says it has, in MiB. @default 8000 */
  readonly ramMib?: number;
  /** Lines to add to slurm.conf. */
  readonly lines?: readonly string[];
  /** Each node is a host of its own, and so is the one that commands run on. @default all are one */
  readonly areHosts?: boolean;
}

const PACKAGES: readonly string[] = ["munge", "slurmctld", "slurmd", "slurm-client"];
const PROGRAMS: readonly string[] = ["munged", "slurmctld", "slurmd", "sbatch", "srun"];

/** Starts a cluster, and waits until its nodes take work. */
export async function startSlurm(options: SlurmOptions = {}): Promise<SlurmCluster> {
  const { nodes = 4, cpus = 4, ramMib = 8000, lines = [], areHosts = false } = options;
  await needPackages(PACKAGES, PROGRAMS);
  // Short: unix sockets lie below it.
  const folder = await mkdtemp(join(tmpdir(), "hb-slurm-"));
  await Bun.spawn(["chmod", "755", folder]).exited;
  for (const name of ["log", "spool", "state"]) await mkdir(join(folder, name));
  const clusterName = folder.slice(folder.lastIndexOf("-") + 1).toLowerCase();
  const hosts = areHosts ? new Hosts(clusterName, nodes + 1) : undefined;
  const [controller = { address: "", port: 0 }, ...nodeHosts] = freePorts(nodes + 1).map(
    (port, number) => ({ port, address: hosts?.addressOf(number) ?? "127.0.0.1" }),
  );
  const conf = slurmConf({
    ...{ folder, clusterName, controller, nodes: nodeHosts, cpus, ramMib, lines },
    isOneHost: !areHosts,
  });
  await writeFile(join(folder, "slurm.conf"), conf);
  await writeFile(join(folder, "cgroup.conf"), "CgroupAutomount=no\nCgroupPlugin=cgroup/v1\n");
  const key = crypto.getRandomValues(new Uint8Array(128));
  await writeFile(join(folder, "munge.key"), key, { mode: 0o600 });
  const names = nodeHosts.map((_, index) => `n${index + 1}`);
  const cluster = new SlurmCluster({ folder, name: clusterName, nodes: names, hosts });
  try {
    await cluster.start();
  } catch (thrown) {
    await cluster[Symbol.asyncDispose]();
    throw thrown;
  }
  return cluster;
}

/** What a cluster is made of. */
export interface SlurmClusterParts {
  readonly folder: string;
  /** What Slurm tells each process of a job as SLURM_CLUSTER_NAME. */
  readonly name: string;
  readonly nodes: readonly string[];
  /** The first is the controller's. Undefined: all are this machine. */
  readonly hosts: Hosts | undefined;
}

/** A cluster that runs. */
export class SlurmCluster {
  readonly nodes: readonly string[];
  /** What Slurm's commands need to find it. */
  readonly environment: Readonly<Record<string, string>>;
  readonly #hosts: Hosts | undefined;
  readonly #folder: string;
  readonly #name: string;
  readonly #munged: Daemon;
  readonly #controller: Daemon;
  readonly #slurmds: ReadonlyMap<string, Daemon>;

  /** Nothing runs yet. */
  constructor({ folder, name, nodes, hosts }: SlurmClusterParts) {
    const conf = join(folder, "slurm.conf");
    const log = (program: string) => join(folder, "log", `${program}.out`);
    this.#hosts = hosts;
    this.#folder = folder;
    this.#name = name;
    this.nodes = nodes;
    this.environment = Object.freeze({ PATH: "/usr/bin:/bin:/usr/sbin:/sbin", SLURM_CONF: conf });
    this.#munged = new Daemon(mungedCommand(folder), log("munged"));
    const prefixOf = (number: number) => [...hosts?.prefixOf(number) ?? [], ...nameCommand(hosts)];
    const controller = [...prefixOf(0), "slurmctld", "-D", "-f", conf];
    this.#controller = new Daemon(controller, log("slurmctld"));
    this.#slurmds = new Map(nodes.map((node, index) => {
      const command = [...prefixOf(index + 1), "slurmd", "-D", "-N", node, "-f", conf];
      return [node, new Daemon(command, log(`slurmd-${node}`))];
    }));
  }

  /** Runs one of Slurm's commands to its end. */
  run(command: readonly string[]): Promise<ProgramOutcome> {
    return runToEnd([...this.#hosts?.prefixOf(0) ?? [], ...command], this.environment);
  }

  /** Before a command that is to reach the controller, or starts steps from outside of a job. */
  get commandPrefix(): readonly string[] {
    return [...this.#hosts?.prefixOf(0) ?? [], ...nameCommand(this.#hosts)];
  }

  /** Starts what does not run, and waits until all nodes take work. */
  async start(): Promise<void> {
    if (!this.#munged.isUp) await this.#hosts?.start();
    this.#munged.start();
    const socket = join(this.#folder, "munge.socket");
    const canMunge = async () => (await this.run(["munge", "-S", socket, "-n"])).code === 0;
    await waitFor("munged to answer", canMunge);
    this.#controller.start();
    for (const slurmd of this.#slurmds.values()) slurmd.start();
    await waitFor("all nodes to take work", async () => {
      const { stdout } = await this.run(["sinfo", "--noheader", "--Node", "--format=%N %T"]);
      const ready = stdout.split("\n").filter((line) =>
        /^\S+ (idle|mixed|allocated|completing)$/.test(line)
      );
      return new Set(ready).size === this.nodes.length;
    });
  }

  /** A node is gone as if its power was cut: its daemon, its steps and all that they started. */
  async crash(node: string): Promise<void> {
    await this.#slurmds.get(node)?.kill();
    await this.#killStrays([node]);
  }

  /** Stops the controller; jobs go on. */
  async stopController(): Promise<void> {
    await this.#controller.stop();
  }

  /** All processes of jobs of this cluster, by what Slurm put into their environment. */
  jobProcesses(): readonly number[] {
    const mark = `SLURM_CLUSTER_NAME=${this.#name}`;
    return pids().filter((pid) => environmentOf(pid).includes(mark));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#controller.isUp) {
      const { stdout } = await this.run(["squeue", "--noheader", "--format=%A"]);
      const jobs = stdout.split("\n").filter((line) => line !== "");
      if (jobs.length > 0) await this.run(["scancel", ...jobs]);
    }
    for (const slurmd of this.#slurmds.values()) await slurmd.stop();
    await this.#killStrays(this.nodes);
    await this.#controller.stop();
    await this.#munged.stop();
    await this.#hosts?.[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Kills the steps on some nodes, first what starts more, and what they started. */
  async #killStrays(nodes: readonly string[]): Promise<void> {
    await waitFor("the end of all strays", async () => {
      const strays = [...nodes.flatMap((node) => this.#stepsOf(node)), ...this.#startedOn(nodes)]
        .filter((pid) => pid !== process.pid && readProcessFacts(pid) !== undefined);
      for (const pid of strays) kill(pid);
      if (strays.length > 0) await Bun.sleep(50);
      return strays.length === 0;
    });
  }

  #startedOn(nodes: readonly string[]): number[] {
    return this.jobProcesses().filter((pid) => {
      const environment = environmentOf(pid);
      return nodes.some((node) => environment.includes(`SLURMD_NODENAME=${node}`));
    });
  }

  /** A step's daemon outlives the node's; it is known by the node's log, which it holds open. */
  #stepsOf(node: string): number[] {
    const log = join(this.#folder, "log", `slurmd-${node}.log`);
    return pids().filter((pid) =>
      linkOf(`/proc/${pid}/exe`).includes("slurmstepd") &&
      entriesOf(`/proc/${pid}/fd`).some((fd) => linkOf(`/proc/${pid}/fd/${fd}`) === log)
    );
  }
}

function mungedCommand(folder: string): readonly string[] {
  const path = (name: string) => join(folder, name);
  return [
    // The folder may be one that munged finds too open; its key guards a test on loopback.
    ...["munged", "--foreground", "--force"],
    `--key-file=${path("munge.key")}`,
    `--socket=${path("munge.socket")}`,
    `--pid-file=${path("munge.pid")}`,
    `--log-file=${path("log/munged.log")}`,
    `--seed-file=${path("munge.seed")}`,
  ];
}

/**
 * Slurm binds to what the machine's name means. Where that is no loopback address, its programs run
 * under the name "localhost".
 */
function nameCommand(hosts?: Hosts): readonly string[] {
  const renamed = ["unshare", "--uts", "sh", "-c", 'hostname localhost && exec "$@"', "sh"];
  if (hosts !== undefined) return renamed;
  const { stdout } = Bun.spawnSync(["sh", "-c", 'getent ahostsv4 "$(uname -n)" | head -1']);
  if (stdout.toString().startsWith("127.")) return [];
  return renamed;
}

/** Ports that are free now; Slurm cannot pick its own. */
function freePorts(count: number): readonly number[] {
  const listeners = Array.from(
    { length: count },
    () => Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } }),
  );
  const ports = listeners.map(({ port }) => port);
  for (const listener of listeners) listener.stop();
  return ports;
}

function pids(): readonly number[] {
  return entriesOf("/proc").filter((name) => /^\d+$/.test(name)).map(Number);
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    // It ended just now.
    return [];
  }
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Its process ended just now.
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Its process ended just now.
    return "";
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended just now.
  }
}
