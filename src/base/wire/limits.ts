/**
 * The limits of the wire: their names, units and defaults.
 * Roles take theirs from the configuration and hand them in.
 */

/** Limits of the wire; complete inside, all optional outside. */
export interface WireLimits {
  /** Longest packet once the hello is done, in bytes. @default 16 MiB */
  readonly frameBytesMax: number;
  /** Longest packet before the hello is done, in bytes: room for the table of incarnations. @default 64 KiB */
  readonly helloBytesMax: number;
  /** From the first byte of a connection to the end of its hello, in milliseconds. @default 2000 */
  readonly helloTimeoutMs: number;
  /** Connections of a server that are read before their hello is done. @default 16 */
  readonly unauthenticatedMax: number;
  /** Connections of a server that wait, unread, for one of those places. @default 1024 */
  readonly waitingMax: number;
  /** Bytes that are written at once, without waiting for the end of the turn. @default 32 KiB */
  readonly flushBytes: number;
  /** Bytes read from one socket in one turn before it pauses until the next. @default 1 MiB */
  readonly turnBytesMax: number;
  /** Quiet time after which a ping is sent, in milliseconds. @default 3000 */
  readonly pingMs: number;
  /** `net.silence`: time without a byte after which the peer is lost, in milliseconds. @default 10000 */
  readonly silenceMs: number;
  /** How long a closed connection may take to send what waits, in milliseconds. @default 1000 */
  readonly lingerMs: number;
  /** Requests that wait for their answer on one connection. @default 1024 */
  readonly requestsMax: number;
}

const DEFAULTS: WireLimits = Object.freeze({
  frameBytesMax: 16 * 1024 * 1024,
  helloBytesMax: 64 * 1024,
  helloTimeoutMs: 2000,
  unauthenticatedMax: 16,
  waitingMax: 1024,
  flushBytes: 32 * 1024,
  turnBytesMax: 1024 * 1024,
  pingMs: 3000,
  silenceMs: 10_000,
  lingerMs: 1000,
  requestsMax: 1024,
});

/**
 * Fills in the defaults.
 * @throws RangeError naming each limit that is not a positive number
 */
export function completeLimits(limits: Partial<WireLimits> = {}): WireLimits {
  const complete = { ...DEFAULTS, ...limits };
  const faults = Object.entries(complete).filter(([, value]) => !(value > 0));
  if (faults.length > 0) {
    const found = faults.map(([name, value]) => `${name} "${value}"`).join(", ");
    throw new RangeError(`Set limits of the wire: found ${found}, expected positive numbers`);
  }
  return Object.freeze(complete);
}

/** Who connected pings first; its pings say that it lives. */
const PING_PATIENCE = 1.5;

/** Limits of a connection that was accepted: it is given up as soon as any other. */
export function limitsOfAccepted(limits: WireLimits): WireLimits {
  const { pingMs, silenceMs } = limits;
  return { ...limits, pingMs: Math.min(PING_PATIENCE * pingMs, silenceMs) };
}
