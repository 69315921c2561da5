/** The wire's settings as a topology's configuration gives them; the same for all roles. */

import type { SystemConfig } from "../base/config/mod.ts";
import type { WireLimits } from "../base/wire/mod.ts";
import type { BackoffOptions } from "../base/mod.ts";

/** The limits of a connection. */
export function limitsOf(config: SystemConfig): Partial<WireLimits> {
  return {
    frameBytesMax: config.netFrameBytes,
    helloTimeoutMs: config.netHelloTimeoutMs,
    pingMs: config.netPingMs,
    silenceMs: config.netSilenceMs,
  };
}

/** The delays between attempts to connect. */
export function backoffOf(config: SystemConfig): BackoffOptions {
  return { firstMs: config.netReconnectMinMs, maxMs: config.netReconnectMaxMs };
}
