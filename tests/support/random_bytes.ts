/**
 * Throws seeded random bytes at a listening port, as a stranger would: noise, broken frames,
 * frames of random packets, hellos that are cut, changed or repeated. Whoever listens must stay
 * well; what it answers is returned, for the test to judge.
 */

import { Role } from "../../src/base/gen/heron_bin/packet_pb.ts";
import { type Random, seededRandom } from "../../src/base/mod.ts";
import { type Address, encodeFrame, writeVarint } from "../../src/base/wire/mod.ts";

/** How a port is bombarded. */
export interface RandomBytesOptions {
  readonly address: Address;
  /** Prints with a failure; the same seed sends the same bytes. */
  readonly seed: number;
  /** How long to go on, in milliseconds. */
  readonly durationMs: number;
  /** Connections at a time. @default 8 */
  readonly connections?: number;
}

/** What came of it. */
export interface RandomBytesResult {
  /** Connections that were opened. */
  readonly opened: number;
  /** Connections that the other side closed. */
  readonly closed: number;
  /** Connections that were refused or reset while opening. */
  readonly refused: number;
  /** Bytes that were sent. */
  readonly sentBytes: number;
  /** All that came back, a buffer for each connection that got an answer. */
  readonly answers: readonly Buffer[];
}

/** Throws random bytes at a port until the time is over. */
export async function throwRandomBytes(options: RandomBytesOptions): Promise<RandomBytesResult> {
  const { address, seed, durationMs, connections = 8 } = options;
  const tally = { opened: 0, closed: 0, refused: 0, sentBytes: 0 };
  const answers: Buffer[] = [];
  const endMs = performance.now() + durationMs;
  const random = seededRandom(seed);
  async function bombard(): Promise<void> {
    while (performance.now() < endMs) {
      const bytes = randomInput(random);
      const stayMs = random.below(40);
      try {
        const answer = await oneConnection(address, { bytes, stayMs, random, tally });
        if (answer.length > 0) answers.push(answer);
      } catch {
        // Refused while opening: the listener's right, and counted.
        tally.refused++;
      }
    }
  }
  await Promise.all(Array.from({ length: connections }, bombard));
  return { ...tally, answers };
}

interface Shot {
  readonly bytes: Uint8Array;
  readonly stayMs: number;
  readonly random: Random;
  readonly tally: { opened: number; closed: number; sentBytes: number };
}

/** Sends `bytes` in random cuts, waits a moment, closes; returns what came back. */
async function oneConnection(address: Address, shot: Shot): Promise<Buffer> {
  const { bytes, stayMs, random, tally } = shot;
  const { promise, resolve } = Promise.withResolvers<void>();
  const chunks: Buffer[] = [];
  const socket = {
    data(_socket: Bun.Socket, chunk: Buffer): void {
      chunks.push(chunk);
    },
    close(): void {
      resolve();
    },
  };
  const opened = "unix" in address
    ? await Bun.connect({ unix: address.unix, socket })
    : await Bun.connect({ hostname: address.hostname, port: address.port, socket });
  tally.opened++;
  for (let at = 0; at < bytes.length && opened.readyState > 0;) {
    const length = Math.min(bytes.length - at, 1 + random.below(bytes.length));
    tally.sentBytes += Math.max(0, opened.write(bytes.subarray(at, at + length)));
    at += length;
    await Bun.sleep(random.below(3));
  }
  await Promise.race([promise, Bun.sleep(stayMs)]);
  if (opened.readyState <= 0) tally.closed++;
  else opened.terminate();
  return Buffer.concat(chunks);
}

function randomInput(random: Random): Uint8Array {
  switch (random.below(6)) {
    case 0:
      return noise(random, 1 + random.below(200));
    case 1:
      return noise(random, random.below(100_000));
    case 2:
      return frameOf(random, noise(random, random.below(300)));
    case 3:
      return frameOf(random, new Uint8Array(0), random.uint32());
    case 4:
      return Buffer.concat([helloLike(random), noise(random, random.below(50))]);
    default:
      return flipped(random, helloLike(random));
  }
}

function noise(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.uint32());
}

function frameOf(random: Random, packet: Uint8Array, length = packet.length): Uint8Array {
  const prefix = new Uint8Array(5);
  const end = writeVarint(prefix, 0, length);
  return Buffer.concat([prefix.subarray(0, end), packet, noise(random, random.below(20))]);
}

function helloLike(random: Random): Uint8Array {
  return encodeFrame({
    requestId: random.below(3),
    body: {
      case: "hello",
      value: {
        protocolVersion: random.below(3),
        topologyId: random.below(2) === 0 ? "" : "words-1",
        from: { role: random.below(8), id: "stranger" },
        to: { role: Role.STMGR, id: "stmgr-1" },
        nonce: noise(random, random.below(20)),
      },
    },
  });
}

function flipped(random: Random, bytes: Uint8Array): Uint8Array {
  const changed = bytes.slice(0, 1 + random.below(bytes.length));
  changed[random.below(changed.length)] = random.below(256);
  return changed;
}
