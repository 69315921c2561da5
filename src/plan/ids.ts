/** The ids of Heron's things, made and taken apart in one place. */

/** `stmgr-N` of worker container N. */
export function stmgrId(container: number): string {
  return `stmgr-${container}`;
}

/** The container of a stream manager; NaN when `id` is no such id. */
export function containerOfStmgr(id: string): number {
  return /^stmgr-\d+$/.test(id) ? Number(id.slice("stmgr-".length)) : NaN;
}

/** `metricsmgr-N` of container N. */
export function metricsmgrId(container: number): string {
  return `metricsmgr-${container}`;
}

/** `container-N`: the supervisor of container N. */
export function containerId(container: number): string {
  return `container-${container}`;
}

/** `container_N_component_TASK`. */
export function instanceId(container: number, component: string, taskId: number): string {
  return `container_${container}_${component}_${taskId}`;
}

/** A new topology id: the name followed by a random UUID. */
export function newTopologyId(name: string): string {
  return `${name}${crypto.randomUUID()}`;
}
