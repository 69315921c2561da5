/** What measuring gives: the figures of one run, in the words that the JSON lines have. */

import type { Percentiles } from "./histogram.ts";

/** Numbers by role: the component of instances, else the role; and `total`. */
export type ByRole = Readonly<Record<string, number>>;

/** The machine, and what else it did. */
export interface HostFigures {
  readonly cpu: string;
  readonly cores: number;
  readonly kernel: string;
  /** CPU-seconds of whatever else ran here in the window. */
  readonly other_cpu_s: number;
  /** CPU-seconds in which the host ran others. */
  readonly steal_s: number;
}

/** What the control said before and after a run, in tuples a CPU-second. */
export interface ControlFigures {
  readonly before: number;
  readonly after: number;
  /** The run's figure as a share of the mean of the two. */
  readonly share: number | null;
}

/** What the processes counted of the tuple path, by the tuple that the last bolt handled. */
export interface TrafficFigures {
  readonly tuples_per_batch: number;
  /** Bytes that the last bolt received. */
  readonly bytes_per_tuple: number;
  /** Frames that the stream managers forwarded, all bolts, acks and grants included. */
  readonly stmgr_frames_per_tuple: number;
}

/** The figures of one run in which tuples were counted, or none came. */
export interface RateFigures {
  readonly kind: "rate";
  readonly workload: string;
  readonly mode: "amo" | "alo";
  readonly seconds: number;
  /** Handled by the last bolts. */
  readonly tuples: number;
  readonly tuples_per_s: number;
  /** Of spouts, stream managers and bolts; `total` is their sum. */
  readonly cpu_s: ByRole;
  /** Of the other processes of the run. */
  readonly daemon_cpu_s: ByRole;
  readonly tuples_per_cpu_s: number;
  readonly rss_mb: ByRole;
  /** What would be given back if the processes ended. */
  readonly private_mb: ByRole;
  /** Processes of each role. */
  readonly processes: ByRole;
  readonly latency_ms: Percentiles | null;
  readonly traffic: TrafficFigures | null;
  /** Further figures of single workloads. */
  readonly extra: Readonly<Record<string, number>>;
  readonly host: Pick<HostFigures, "other_cpu_s" | "steal_s">;
}

/** The figures of something that is done several times, each time timed. */
export interface TimesFigures {
  readonly kind: "times";
  readonly workload: string;
  readonly mode: "amo" | "alo";
  /** By what was timed. */
  readonly times_ms: Readonly<Record<string, Percentiles>>;
}

/** The figures of a loop that is run alone. */
export interface CoreFigures {
  readonly kind: "core";
  readonly workload: string;
  readonly mode: "amo" | "alo";
  readonly ns: Readonly<Record<string, number>>;
}

/** The figures of one run of a workload. */
export type Figures = RateFigures | TimesFigures | CoreFigures;
