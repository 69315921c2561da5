/**
 * Another clock and another run of chance for the process that builds a
 * topology a second time: what the plan reads of either then differs for
 * sure, not by luck. Only the define process may call this.
 */

import { assert, type Random, seededRandom } from "../base/mod.ts";

/** How the world differs from the true one. */
export interface WorldShift {
  /** Added to every clock, in milliseconds; 0 leaves the clocks alone. */
  readonly clockMs: number;
  /** Seed of all chance. */
  readonly seed: number;
  /** Turns every random number into its counterpart, half the range away. */
  readonly mirrored: boolean;
}

/** A shift that changes year, month, weekday, hour, minute and second. */
export const SECOND_CLOCK_MS = ((400 * 24 + 7) * 60 + 13) * 60_000 + 17_311;

/** Replaces the clocks and the generators of this process. */
export function shiftWorld(shift: WorldShift): void {
  shiftChance(seededRandom(shift.seed), shift.mirrored);
  if (shift.clockMs !== 0) shiftClocks(shift.clockMs);
}

function shiftClocks(offsetMs: number): void {
  const RealDate = Date;
  const { now } = RealDate;
  const shiftedNow = (): number => now() + offsetMs;
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [shiftedNow()] : args, newTarget),
    apply: () => new RealDate(shiftedNow()).toString(),
    get: (target, key, receiver) => key === "now" ? shiftedNow : Reflect.get(target, key, receiver),
  });
  replace(globalThis, "Date", ShiftedDate);
  replace(RealDate.prototype, "constructor", ShiftedDate);
  const monotonic = performance.now.bind(performance);
  replace(performance, "now", () => monotonic() + offsetMs);
  shiftHrtime(BigInt(offsetMs) * 1_000_000n);
}

function shiftHrtime(offset: bigint): void {
  const { bigint } = process.hrtime;
  const shifted = (): bigint => bigint() + offset;
  const hrtime = (before?: readonly [number, number]): [number, number] => {
    const from = before === undefined ? 0n : BigInt(before[0]) * 1_000_000_000n + BigInt(before[1]);
    const since = shifted() - from;
    return [Number(since / 1_000_000_000n), Number(since % 1_000_000_000n)];
  };
  replace(process, "hrtime", Object.assign(hrtime, { bigint: shifted }));
  replace(Bun, "nanoseconds", () => Number(shifted()));
}

function shiftChance(random: Random, mirrored: boolean): void {
  const mask = mirrored ? 0xff : 0;
  const unit = (): number => mirrored ? (random.unit() + 0.5) % 1 : random.unit();
  const fill = <T extends ArrayBufferView | null>(view: T): T => {
    if (view === null) return view;
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let at = 0; at < bytes.length; at++) bytes[at] = (random.uint32() & 0xff) ^ mask;
    return view;
  };
  replace(Math, "random", unit);
  replace(crypto, "getRandomValues", fill);
  replace(crypto, "randomUUID", () => uuidOf(fill(new Uint8Array(16))));
}

// Version 4, variant 1.
function uuidOf(bytes: Uint8Array): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// Some of these are read-only for assignment but may be defined anew, some the other way round.
function replace(owner: object, key: string, value: unknown): void {
  const replaced =
    Reflect.defineProperty(owner, key, { value, writable: true, configurable: true }) ||
    Reflect.set(owner, key, value);
  assert(replaced, `"${key}" can be replaced`);
}
