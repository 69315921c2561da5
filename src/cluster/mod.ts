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
export { type ClusterFolder, DEFAULT_FOLDER, FOLDER_VARIABLE } from "./cluster_file.ts";
export type { ClusterFlag } from "./cluster_layer.ts";
export { clusterNameFault } from "./cluster_name.ts";
export { type ClusterReportOptions, clusterToJson, formatCluster } from "./cluster_report.ts";
export { loadCluster, type LoadClusterOptions, type LoadedCluster } from "./load_cluster.ts";
export { OWN_SBATCH_OPTIONS } from "./slurm_kinds.ts";
