/**
 * What is known of a cluster once its files and the command line are read: the settings that submit
 * and the schedulers go by. All complete and frozen: durations in ms, sizes in bytes, folders absolute.
 */

import type { ConfigSource } from "../base/config/mod.ts";

/** The settings of a cluster, for one role and environ. */
export interface ClusterSettings {
  readonly cluster: string;
  /** Heron's role: who the topologies belong to. */
  readonly role: string;
  /** Heron's environ: `default`, `prod`, `test`, … */
  readonly environ: string;
  readonly scheduler: SchedulerSettings;
  readonly state: StateSettings;
  readonly uploader: UploaderSettings;
  readonly packing: PackingSettings;
  readonly metrics: MetricsSettings;
  /**
   * Keys of the system's config that the cluster sets, each read and in range. They are defaults for
   * its topologies: what a topology's own config says comes above them.
   */
  readonly internals: ConfigSource;
}

/** Where containers run. */
export type SchedulerSettings = LocalSchedulerSettings | SlurmSchedulerSettings;

/** Containers are processes of this machine. */
export interface LocalSchedulerSettings {
  readonly type: "local";
  /** A topology's working folder is `<folder>/<its name>`. */
  readonly folder: string;
}

/** Containers are steps of a Slurm job, one job a topology. */
export interface SlurmSchedulerSettings {
  readonly type: "slurm";
  /** A topology's working folder is `<folder>/<its name>`, which all nodes see. */
  readonly folder: string;
  readonly slurm: SlurmSettings;
}

/** What Slurm is asked for, and how it is asked; what is not there is Slurm's own default. */
export interface SlurmSettings {
  readonly partition?: string;
  readonly account?: string;
  readonly qos?: string;
  readonly constraint?: string;
  readonly reservation?: string;
  readonly gres?: string;
  /** A list of nodes, as Slurm writes it: `n[1-3],n7`. */
  readonly exclude?: string;
  /** In Slurm's own spelling: `1-12:30:00`, `UNLIMITED`. */
  readonly timeLimit?: string;
  /** The same; not there when it is unlimited. */
  readonly timeLimitMs?: number;
  /** The most containers that share a node. @default as many as fit */
  readonly containersPerNode?: number;
  /** False where Slurm does not hand out memory. */
  readonly requestMemory: boolean;
  /** @default the topology's name */
  readonly jobName?: string;
  readonly mailUser?: string;
  /** Slurm's words, with commas between them: `END,FAIL`. */
  readonly mailType?: string;
  /** Lines of the job script: further `#SBATCH` options, or commands. */
  readonly extraLines: readonly string[];
  /** Which of a node's addresses other nodes reach it by. @default that of its host name */
  readonly reach?: NodeReach;
  /** Time that a command of Slurm's has. */
  readonly commandTimeoutMs: number;
  /** squeue is asked no more often. */
  readonly pollIntervalMs: number;
}

/** How the address of a node is chosen: that of an interface, or the one within a network. */
export type NodeReach =
  | { readonly type: "interface"; readonly name: string }
  | { readonly type: "network"; readonly cidr: string };

/** The state store. */
export interface StateSettings {
  readonly type: "local_fs";
  /** The folder of its tree. */
  readonly root: string;
}

/** Where packages of topologies are put. */
export interface UploaderSettings {
  readonly type: "local_fs";
  readonly folder: string;
}

/** Which container holds which instances. */
export interface PackingSettings {
  readonly type: "round_robin";
}

/** Where metrics go. */
export interface MetricsSettings {
  readonly sinks: readonly FileSinkOfCluster[];
}

/** A sink that writes files. */
export interface FileSinkOfCluster {
  readonly type: "file";
  /** Its name in the cluster file. */
  readonly id: string;
  /** Absolute, or relative to the topology's working folder. */
  readonly folder: string;
  readonly filesMax: number;
  readonly fileBytesMax: number;
  readonly flushMs: number;
  readonly queueBytesMax: number;
}
