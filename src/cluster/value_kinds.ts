/**
 * The kinds of value that a key of a cluster may have: how each is read from YAML or from the text
 * of a command line, how it is shown, and what a bad one is told. Knows no key; see cluster_keys.ts.
 */

import { durationMsOf, durationText } from "../base/mod.ts";
import type { ConfigValue, Reading, Setting } from "../base/config/mod.ts";

/** A value as YAML has it; from a command line always a text. */
export type RawValue = unknown;

/** A kind of value. */
export interface Kind<T> {
  /** Its name, as the documentation has it. */
  readonly name: string;
  /** In which unit the value is, where a number alone does not say it. */
  readonly unit?: "ms" | "bytes";
  /** What in its texts stands for something else: nothing, `${NAME}`, or that and `~` at the begin. */
  readonly variables: "none" | "names" | "home";
  /** What it is without a value; else it may not be without one, unless its key may. */
  readonly empty?: T;
  /** Several of one layer come together, in place of the last alone. */
  readonly isGathered?: boolean;
  /** Reads a value whose variables are put in. */
  read(raw: RawValue): Reading<T>;
  /** A value as a user would write it. */
  show(value: T): string;
}

const TEXT_LENGTH_MAX = 1000;
const CONTROL_CHARACTER = /\p{Cc}/u;
const KIB = 1024;
const SIZES: readonly (readonly [unit: string, bytes: number])[] = Object.freeze([
  ["GiB", KIB ** 3],
  ["MiB", KIB ** 2],
  ["KiB", KIB],
  ["B", 1],
]);

/** A kind of text: what `isGood` lets pass. */
export function textKind(
  name: string,
  expected: string,
  isGood: (text: string) => boolean,
): Kind<string> {
  return {
    name,
    variables: "names",
    read: (raw) => isLine(raw) && isGood(raw) ? { value: raw } : { expected },
    show: (value) => value,
  };
}

/** A whole path, or one below `~`. */
export const FOLDER: Kind<string> = {
  ...textKind("folder", "", () => true),
  variables: "home",
  read(raw) {
    const isWhole = isLine(raw) && raw.startsWith("/") && !raw.includes("$");
    const path = isWhole ? plainPath(raw) : "/";
    if (path !== "/") return { value: path };
    return {
      expected: 'the path of a folder that begins with "/" or "~/", variables written ${NAME}',
    };
  },
};

/** A whole path, or one below another folder, and not above it. */
export const SUBFOLDER: Kind<string> = {
  ...textKind("folder below", "", () => true),
  variables: "home",
  read(raw) {
    const isGood = isLine(raw) && !raw.includes("$") && !raw.split("/").includes("..");
    const path = isGood ? plainPath(raw) : "";
    if (path !== "" && path !== "/") return { value: path };
    return { expected: 'the path of a folder, whole or below the working folder, without ".."' };
  },
};

/** A duration from `minMs` to `maxMs`, in ms. */
export function durationKind({ minMs, maxMs }: { minMs: number; maxMs: number }): Kind<number> {
  return {
    name: "duration",
    unit: "ms",
    variables: "none",
    read(raw) {
      const ms = typeof raw === "string" ? durationMsOf(raw) : undefined;
      if (ms !== undefined && ms >= minMs && ms <= maxMs) return { value: ms };
      const [from, to] = [durationText(minMs), durationText(maxMs)];
      return { expected: `a duration with its unit (ms, s, m, h) from ${from} to ${to}` };
    },
    show: durationText,
  };
}

/** A size from `min` to `max` bytes. */
export function sizeKind({ min, max }: { min: number; max: number }): Kind<number> {
  return {
    name: "size",
    unit: "bytes",
    variables: "none",
    read(raw) {
      const bytes = typeof raw === "string" ? sizeOf(raw) : undefined;
      if (bytes !== undefined && bytes >= min && bytes <= max) return { value: bytes };
      const [from, to] = [sizeText(min), sizeText(max)];
      return { expected: `a size with its unit (B, KiB, MiB, GiB) from ${from} to ${to}` };
    },
    show: sizeText,
  };
}

/** A kind of the system's config: a number, true or false, one of some words. */
export function settingKind<T extends ConfigValue>(name: string, setting: Setting<T>): Kind<T> {
  return {
    name,
    variables: "none",
    read: (raw) =>
      isScalar(raw) ? setting.read(raw) : { expected: expectedOf(setting.read(Number.NaN)) },
    show: String,
  };
}

/** Options of `listKind`. */
export interface ListOptions {
  /** What divides items in one text. */
  readonly divider?: RegExp;
  readonly isGathered: boolean;
}

/** A list of texts; on a command line one text, which `divider` may divide. */
export function listKind(
  item: Kind<string>,
  { divider, isGathered }: ListOptions,
): Kind<readonly string[]> {
  return {
    name: `list of ${item.name}s`,
    variables: item.variables,
    empty: Object.freeze([]),
    isGathered,
    read(raw) {
      const items = itemsOf(raw, divider);
      const texts: string[] = [];
      for (const one of items) {
        const reading = item.read(one);
        if (!("value" in reading)) return { expected: `a list, each item ${reading.expected}` };
        texts.push(reading.value);
      }
      return { value: Object.freeze(texts) };
    },
    show: (items) => items.join(" "),
  };
}

function itemsOf(raw: RawValue, divider: RegExp | undefined): readonly RawValue[] {
  if (Array.isArray(raw)) return raw;
  if (typeof raw !== "string" || divider === undefined) return [raw];
  return raw.split(divider).filter((text) => text !== "");
}

function isLine(raw: RawValue): raw is string {
  return typeof raw === "string" && raw.length <= TEXT_LENGTH_MAX && raw.isWellFormed() &&
    !CONTROL_CHARACTER.test(raw);
}

function isScalar(raw: RawValue): raw is ConfigValue {
  return ["string", "number", "boolean"].includes(typeof raw);
}

function expectedOf(reading: Reading<unknown>): string {
  return "expected" in reading ? reading.expected : "one value";
}

/** A path without what says nothing: `//`, `/./`, a slash at the end. */
function plainPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return `${path.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

function sizeOf(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(B|KiB|MiB|GiB)$/.exec(text.trim()) ?? [];
  const found = SIZES.find(([name]) => name === unit);
  const bytes = found === undefined ? NaN : Number(number) * found[1];
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

function sizeText(bytes: number): string {
  const [unit, size] = SIZES.find(([, one]) => bytes > 0 && bytes % one === 0) ?? ["B", 1];
  return `${bytes / size}${unit}`;
}
