/**
 * The kinds of value that a setting of the system may have: how each is read
 * from a config map, where numbers and booleans may come as text (Heron
 * writes them so), and what a bad one is told. Knows no key; see defaults.ts.
 */

/** A value as it stands in a config map. */
export type ConfigValue = string | number | boolean;

/** One setting: its default and its reader. */
export interface Setting<T extends ConfigValue> {
  /** The value where the map has none. */
  readonly byDefault: T;
  /** Reads `value`, or returns the fault in the words after "found …: ". */
  read(value: ConfigValue): Reading<T>;
}

/** What reading a value gave: the value, or what was expected instead. */
export type Reading<T> = { readonly value: T } | { readonly expected: string };

/** Limits of a whole number, both included. */
export interface IntegerLimits {
  readonly min: number;
  readonly max: number;
}

/** A whole number within `limits`, in the unit that ends its key. */
export function integer(byDefault: number, limits: IntegerLimits): Setting<number> {
  const expected = `a whole number from ${limits.min} to ${limits.max}`;
  return {
    byDefault,
    read(value) {
      const number = wholeNumber(value);
      if (number === undefined || number < limits.min || number > limits.max) return { expected };
      return { value: number };
    },
  };
}

/** A power of two within `limits`. */
export function powerOfTwo(byDefault: number, limits: IntegerLimits): Setting<number> {
  const whole = integer(byDefault, limits);
  return {
    byDefault,
    read(value) {
      const reading = whole.read(value);
      if ("value" in reading && Number.isInteger(Math.log2(reading.value))) return reading;
      return { expected: `a power of two from ${limits.min} to ${limits.max}` };
    },
  };
}

/** True or false, also as the texts "true" and "false". */
export function flag(byDefault: boolean): Setting<boolean> {
  return {
    byDefault,
    read(value) {
      if (value === true || value === "true") return { value: true };
      if (value === false || value === "false") return { value: false };
      return { expected: "true or false" };
    },
  };
}

/** Any text. */
export function text(byDefault: string): Setting<string> {
  return {
    byDefault,
    read: (value) => typeof value === "string" ? { value } : { expected: "a text" },
  };
}

/** One of the words in `supported`; those in `planned` are known, and refused as such. */
export function choice<Word extends string | number>(
  supported: readonly [Word, ...Word[]],
  planned: readonly Word[],
): Setting<Word> {
  const expected = supported.map((word) => `"${word}"`).join(" or ");
  return {
    byDefault: supported[0],
    read(value) {
      const same = (word: Word) => String(word) === String(value);
      const word = supported.find(same);
      if (word !== undefined) return { value: word };
      if (planned.some(same)) return { expected: `${expected}: this version has no other yet` };
      return { expected };
    },
  };
}

function wholeNumber(value: ConfigValue): number | undefined {
  if (typeof value === "boolean") return undefined;
  if (typeof value === "string" && !/^[+-]?\d+$/.test(value.trim())) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}
