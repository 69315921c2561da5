/**
 * Storm and Flink on the same workloads: calls their runners, `storm/run` and `flink/run` in a folder
 * that is named, and reads the one JSON line each prints.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RateFigures } from "./figures.ts";
import type { Percentiles } from "./histogram.ts";
import type { Mode, Workload } from "./workloads.ts";

/** The systems. */
export const PEERS = ["storm", "flink"] as const;

/** One of them. */
export type Peer = (typeof PEERS)[number];

/** Their compilers need a longer warm-up, in seconds. */
const WARMUP_S = 30;
const WARMUP_SMOKE_S = 1;

/** How a peer is run. */
export interface PeerOptions {
  readonly folder: string;
  readonly mode: Mode;
  readonly seconds: number;
  /** Tuples a second, for latency. */
  readonly rate: number;
  readonly isSmoke: boolean;
}

/** Whether the folder has a runner for `peer`. */
export function hasRunner(folder: string, peer: Peer): boolean {
  return existsSync(join(folder, peer, "run"));
}

/**
 * Runs a peer on the workload; undefined when it has none like it.
 * @throws Error with what the runner said when it failed
 */
export async function runPeer(
  peer: Peer,
  workload: Workload,
  options: PeerOptions,
): Promise<RateFigures | undefined> {
  const name = workload.peers[peer];
  if (name === undefined) return undefined;
  const { folder, isSmoke, mode, rate, seconds } = options;
  const flags = {
    mode,
    seconds,
    warmup: isSmoke ? WARMUP_SMOKE_S : WARMUP_S,
    ...(workload.kind === "latency" ? { rate } : {}),
  };
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = Bun.spawn([join(folder, peer, "run"), name, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [text, errors] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  const exitCode = await child.exited;
  if (exitCode !== 0) {
    throw new Error(`Run ${peer}: found exit code ${exitCode}\n${errors.slice(-2000)}`);
  }
  return figuresFromLine(workload.name, text);
}

/** The figures in a peer's line, under our name for the workload. */
export function figuresFromLine(workload: string, text: string): RateFigures {
  // The words that all runners share.
  const line = JSON.parse(text) as PeerLine;
  return {
    kind: "rate",
    workload,
    mode: line.mode,
    seconds: line.seconds,
    tuples: line.tuples,
    tuples_per_s: line.tuples_per_s,
    cpu_s: line.cpu_s,
    daemon_cpu_s: {},
    tuples_per_cpu_s: line.tuples_per_cpu_s ?? NaN,
    rss_mb: line.rss_mb,
    private_mb: {},
    processes: {},
    latency_ms: line.latency_ms ?? null,
    traffic: null,
    extra: {},
    host: { other_cpu_s: line.host?.other_cpu_s ?? NaN, steal_s: NaN },
  };
}

interface PeerLine {
  readonly mode: Mode;
  readonly seconds: number;
  readonly tuples: number;
  readonly tuples_per_s: number;
  readonly cpu_s: Readonly<Record<string, number>>;
  readonly tuples_per_cpu_s: number | null;
  readonly rss_mb: Readonly<Record<string, number>>;
  readonly latency_ms?: Percentiles | null;
  readonly host?: { readonly other_cpu_s?: number };
}
