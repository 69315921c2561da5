/** Door of `cluster`: the settings of a cluster, from its file and the command line. */

export type {
  ClusterSettings,
  FileSinkOfCluster,
  LocalSchedulerSettings,
  MetricsSettings,
  NodeReach,
  PackingSettings,
  SchedulerSettings,
  SlurmSchedulerSettings,
  SlurmSettings,
  StateSettings,
  UploaderSettings,
} from "./cluster_settings.ts";
