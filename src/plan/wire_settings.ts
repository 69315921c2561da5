/** The wire's settings as a topology's configuration gives them; the same for all roles. */

import { hostname, networkInterfaces } from "node:os";
import type { SystemConfig } from "../base/config/mod.ts";
import type { Party } from "../base/gen/heron_bin/packet_pb.ts";
import type { WireLimits, WireOptions } from "../base/wire/mod.ts";
import type { CheckedJob } from "./job.ts";
import { addressOf, type Interfaces } from "./reach.ts";
import type { RoleFiles } from "./role_files.ts";
import type { BackoffOptions, Clock } from "../base/mod.ts";

// A hello without its table, and what each life in the table takes at most.
const HELLO_BYTES = 64 * 1024;
const TASK_LIFE_BYTES = 32;
const STMGR_LIFE_BYTES = 64;

/** The limits of a connection. */
export function limitsOf(config: SystemConfig, job: PackedJob): Partial<WireLimits> {
  return {
    helloBytesMax: helloBytesMax(job),
    frameBytesMax: config.netFrameBytes,
    helloTimeoutMs: config.netHelloTimeoutMs,
    pingMs: config.netPingMs,
    silenceMs: config.netSilenceMs,
  };
}

type PackedJob = Pick<CheckedJob, "containers" | "tasks">;

/** A hello carries the lives of all tasks and stream managers. */
function helloBytesMax({ containers, tasks }: PackedJob): number {
  return HELLO_BYTES + STMGR_LIFE_BYTES * containers + TASK_LIFE_BYTES * tasks;
}

/** The delays between attempts to connect. */
export function backoffOf(config: SystemConfig): BackoffOptions {
  return { firstMs: config.netReconnectMinMs, maxMs: config.netReconnectMaxMs };
}

/** Where a role listens, and where others reach it. */
export interface Hosts {
  readonly listen: string;
  readonly reached: string;
}

const LOOPBACK: Hosts = Object.freeze({ listen: "127.0.0.1", reached: "127.0.0.1" });

/**
 * Where a role of the job listens and is reached on this machine: on loopback alone unless there are
 * several machines.
 * @throws HeronError `invalid_config` when this machine has no address such as the job asks for
 */
export function hostsOf(
  { reach }: Pick<CheckedJob, "reach">,
  interfaces: Interfaces = networkInterfaces(),
): Hosts {
  if (reach === undefined) return LOOPBACK;
  const { interface: name, network: cidr } = reach;
  if (name === "" && cidr === "") return { listen: "0.0.0.0", reached: hostname() };
  const address = name === ""
    ? addressOf({ type: "network", cidr }, interfaces)
    : addressOf({ type: "interface", name }, interfaces);
  // Nobody comes from elsewhere.
  return { listen: address, reached: address };
}

/** What all connections of a role have in common. */
export function wireOf(
  files: RoleFiles,
  self: Party,
  settings: { readonly config: SystemConfig; readonly clock: Clock },
): Omit<WireOptions, "handlers"> & {
  readonly self: Party;
  readonly logger: RoleFiles["log"]["logger"];
} {
  return {
    self,
    topologyId: files.job.topologyId,
    secret: files.secret,
    clock: settings.clock,
    logger: files.log.logger,
    limits: limitsOf(settings.config, files.job),
  };
}
