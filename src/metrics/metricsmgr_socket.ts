/**
 * Where the metrics manager of a container listens: a unix socket in the run's
 * folder, so that the container's processes need no port of it.
 */

import { join } from "node:path";

/** The path of the socket of metrics manager `metricsmgrId` in run folder `folder`. */
export function metricsmgrSocket(folder: string, metricsmgrId: string): string {
  return join(folder, "sockets", `${metricsmgrId}.sock`);
}
