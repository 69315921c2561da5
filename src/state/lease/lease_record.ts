/**
 * The record of a lease, as JSON so that people can read who holds it; no tool of Heron's reads it.
 * What follows from it is left to `lease_core.ts`.
 */

import { HeronError } from "../../base/mod.ts";
import type { LeaseLife } from "./lease_life.ts";

/** What a lease's record says. */
export interface LeaseRecord {
  /** Who holds it, for people. */
  readonly holder: string;
  /** Tells one attempt to hold from all others, also those of the same holder. */
  readonly nonce: string;
  /** Grows with each new holder. */
  readonly epoch: number;
  /** Grows with each renewal. */
  readonly renewal: number;
  /** How long the holder holds it from sending a renewal, in milliseconds of its own clock. */
  readonly durationMs: number;
  /** Whether the holder gave it up. */
  readonly released: boolean;
  /** Which life the holder is, where a later one need not wait. */
  readonly life?: LeaseLife;
}

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { fatal: true });

/** The bytes of `record`. */
export function encodeLease(record: LeaseRecord): Uint8Array {
  return ENCODER.encode(`${JSON.stringify(record)}\n`);
}

/** The lease that `bytes` say. @throws {HeronError} `corrupt` when they say none */
export function decodeLease(bytes: Uint8Array): LeaseRecord {
  let parsed: unknown;
  try {
    parsed = JSON.parse(DECODER.decode(bytes));
  } catch (thrown) {
    throw corrupt(thrown);
  }
  if (!isLease(parsed)) throw corrupt();
  const { holder, nonce, epoch, renewal, durationMs, released, life } = parsed;
  const record = { holder, nonce, epoch, renewal, durationMs, released };
  return Object.freeze(life === undefined ? record : { ...record, life });
}

function isLease(value: unknown): value is LeaseRecord {
  if (typeof value !== "object" || value === null) return false;
  return "holder" in value && typeof value.holder === "string" &&
    "nonce" in value && typeof value.nonce === "string" &&
    "epoch" in value && isCount(value.epoch) &&
    "renewal" in value && isCount(value.renewal) &&
    "durationMs" in value && isCount(value.durationMs) &&
    "released" in value && typeof value.released === "boolean" &&
    (!("life" in value) || isLife(value.life));
}

function isLife(value: unknown): value is LeaseLife {
  if (typeof value !== "object" || value === null) return false;
  return "party" in value && typeof value.party === "string" &&
    "epoch" in value && isCount(value.epoch) &&
    "counter" in value && isCount(value.counter);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function corrupt(cause?: unknown): HeronError {
  return new HeronError("corrupt", "Read a lease: found another record, expected a lease", {
    cause,
  });
}
