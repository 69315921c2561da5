/**
 * The ids of Heron's things, made and taken apart in one place. Ids of
 * topologies, components and streams that users choose are checked by the api.
 */

/** `stmgr-N` of worker container N. */
export function stmgrId(container: number): string {
  return `stmgr-${container}`;
}

/** The worker container of a stream manager; undefined when `id` is not the id of one. */
export function containerOfStmgr(id: string): number | undefined {
  const digits = /^stmgr-([1-9]\d*)$/.exec(id)?.[1];
  return digits === undefined ? undefined : Number(digits);
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

/** A new topology id: the name followed by `uuid`, which chance has made. */
export function newTopologyId(name: string, uuid: string): string {
  return `${name}${uuid}`;
}
