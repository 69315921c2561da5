/** The slurm.conf of a cluster for tests: one machine, many nodes, quick decisions. */

import { join } from "node:path";

/** What a cluster is made of. */
export interface SlurmConf {
  /** Holds everything that the daemons write. */
  readonly folder: string;
  readonly clusterName: string;
  readonly controller: SlurmHost;
  /** n1, n2, … */
  readonly nodes: readonly SlurmHost[];
  /** All are one host: they are to listen on its loopback address alone. */
  readonly isOneHost: boolean;
  readonly cpus: number;
  readonly ramMib: number;
  /** Lines of the test's own. */
  readonly lines: readonly string[];
}

/** Where a daemon listens. */
export interface SlurmHost {
  readonly address: string;
  readonly port: number;
}

/** The text of a slurm.conf. */
export function slurmConf(conf: SlurmConf): string {
  const nodes = conf.nodes.map(({ address, port }, index) =>
    `NodeName=n${index + 1} NodeHostname=localhost NodeAddr=${address} Port=${port} ` +
    `CPUs=${conf.cpus} RealMemory=${conf.ramMib} State=UNKNOWN`
  );
  const settings = Object.entries(settingsOf(conf)).map(([name, value]) => `${name}=${value}`);
  return [
    ...settings,
    ...nodes,
    "PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP",
    "PartitionName=short Nodes=ALL MaxTime=1 State=UP",
    ...conf.lines,
    "",
  ].join("\n");
}

function settingsOf(
  { folder, clusterName, controller, isOneHost }: SlurmConf,
): Record<string, unknown> {
  const path = (name: string) => join(folder, name);
  return {
    ClusterName: clusterName,
    SlurmctldHost: `localhost(${controller.address})`,
    SlurmctldPort: controller.port,
    AuthType: "auth/munge",
    // A job that was put back into the queue waits so long, and a second.
    AuthInfo: `socket=${path("munge.socket")},cred_expire=5`,
    CredType: "cred/munge",
    ...(isOneHost ? { CommunicationParameters: "NoInAddrAny,NoCtldInAddrAny" } : {}),
    SlurmUser: "root",
    SlurmdUser: "root",
    StateSaveLocation: path("state"),
    SlurmdSpoolDir: path("spool/%n"),
    SlurmctldPidFile: path("slurmctld.pid"),
    SlurmdPidFile: path("slurmd-%n.pid"),
    SlurmctldLogFile: path("log/slurmctld.log"),
    SlurmdLogFile: path("log/slurmd-%n.log"),
    MailProg: "/bin/true",
    // Processes of a job are found by their parents: no cgroups, so what we leave behind is seen.
    ProctrackType: "proctrack/linuxproc",
    TaskPlugin: "task/none",
    JobAcctGatherType: "jobacct_gather/none",
    SwitchType: "switch/none",
    MpiDefault: "none",
    SlurmdParameters: "config_overrides",
    SelectType: "select/cons_tres",
    SelectTypeParameters: "CR_CPU_Memory",
    DefMemPerCPU: 100,
    SchedulerType: "sched/backfill",
    SchedulerParameters: "sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0",
    // From SIGTERM to SIGKILL, in seconds.
    KillWait: 5,
    ReturnToService: 2,
    JobRequeue: 1,
    SlurmdTimeout: 5,
    MessageTimeout: 5,
    TCPTimeout: 1,
    SlurmctldTimeout: 10,
    InactiveLimit: 0,
    MinJobAge: 300,
    AccountingStorageType: "accounting_storage/none",
    JobCompType: "jobcomp/none",
  };
}
