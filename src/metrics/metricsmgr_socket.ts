/**
 * Where the metrics manager of a container listens: a unix socket in the run's
 * folder, so that the container's processes need no port of it.
 */

import { join } from "node:path";
import type { WireLimits } from "../base/wire/mod.ts";

/** The path of the socket of metrics manager `metricsmgrId` in run folder `folder`. */
export function metricsmgrSocket(folder: string, metricsmgrId: string): string {
  return join(folder, "sockets", `${metricsmgrId}.sock`);
}

/**
 * Limits of both ends of a connection to a metrics manager. Both are on one machine, and one that
 * stands still takes nothing that anybody waits for: pings would only wake up what is at rest.
 */
export const METRICS_LIMITS: Partial<WireLimits> = Object.freeze({
  silenceMs: Infinity,
  // Only so that memory is given back now and then.
  pingMs: 30_000,
});
