/**
 * Loads the project's own source with a machine's memory in place of
 * SharedArrayBuffer, typed arrays and Atomics, so that what is explored is the
 * code that ships. Private fields become open ones: the machine keeps them.
 * The source may be broken on the way in, to prove that this is noticed.
 */

import type { Machine } from "./machine.ts";

/** A break of the source: `find` must occur once. */
export interface Break {
  readonly find: string;
  readonly put: string;
}

interface Watched {
  readonly array: Int32Array | Uint8Array;
  readonly memory: number;
}

interface Wait {
  readonly index: number;
  readonly expected: number | undefined;
  readonly timeoutMs: number | undefined;
}

/** Typed arrays of a machine, each access to an element one of its steps. */
export class WatchedMemory {
  readonly #machine: Machine;
  readonly #numbers = new WeakMap<ArrayBufferLike, number>();
  readonly #watched = new WeakMap<object, Watched>();

  /** Memory of `machine`. */
  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** New shared memory, zero at first. */
  allocate(bytes: number): ArrayBuffer {
    const buffer = new ArrayBuffer(bytes);
    this.#numbers.set(buffer, this.#machine.addMemory(buffer));
    return buffer;
  }

  /** New memory that one thread uses alone, zero at first. */
  allocatePrivate(bytes: number): ArrayBuffer {
    const buffer = new ArrayBuffer(bytes);
    this.#machine.addPrivate(buffer);
    return buffer;
  }

  /** In place of `array`, over allocated memory. */
  watch<T extends Int32Array | Uint8Array>(array: T): T {
    const memory = this.#numbers.get(array.buffer);
    if (memory === undefined) throw new TypeError("Watch an array: found memory of its own");
    const indexOf = (name: string | symbol) => typeof name === "string" ? Number(name) : NaN;
    const proxy = new Proxy(array, {
      get: (_, name) =>
        isNaN(indexOf(name))
          ? Reflect.get(array, name)
          : this.#machine.access(`read ${memory}[${String(name)}]`, () => array[indexOf(name)]),
      set: (_, name, value) =>
        this.#machine.access(
          `write ${memory}[${String(name)}] = ${value}`,
          () => Reflect.set(array, indexOf(name), value),
        ),
    });
    this.#watched.set(proxy, { array, memory });
    return proxy;
  }

  /** Reads bytes in one step. */
  read(bytes: Uint8Array, start: number, end: number): string {
    const { array, memory } = this.#behind(bytes);
    return this.#machine.access(
      `read ${memory}[${start}..${end}]`,
      () => Buffer.from(array.slice(start, end)).toString("hex"),
    );
  }

  /** Writes bytes in one step. */
  write(bytes: Uint8Array, at: number, source: Uint8Array): void {
    const { array, memory } = this.#behind(bytes);
    this.#machine.access(`write ${memory}[${at}..${at + source.length}]`, () => {
      array.set(source, at);
    });
  }

  /** `Atomics` on watched words. */
  atomics() {
    type Values = readonly number[];
    const change = (name: string, run: (words: Int32Array, ...values: Values) => number) => {
      return (words: Int32Array, ...values: Values): number => {
        const { array, memory } = this.#behind(words);
        // Only words of 32 bits are given to Atomics.
        const real = array as Int32Array;
        const what = `${name} ${memory}[${values.join(", ")}]`;
        return this.#machine.access(what, () => run(real, ...values));
      };
    };
    return {
      load: change("load", (words, index = 0) => Atomics.load(words, index)),
      store: change("store", (words, index = 0, value = 0) => Atomics.store(words, index, value)),
      compareExchange: change(
        "compareExchange",
        (words, ...[index = 0, expected = 0, value = 0]) =>
          Atomics.compareExchange(words, index, expected, value),
      ),
      notify: (words: Int32Array, index: number) => this.#machine.notify(this.#place(words, index)),
      wait: (words: Int32Array, index: number, ...[expected, timeoutMs]: Values) =>
        this.#wait(words, { index, expected, timeoutMs }),
      // The thread does nothing else meanwhile: its promise is settled when it goes on.
      waitAsync: (words: Int32Array, index: number, expected: number) => {
        const result = this.#wait(words, { index, expected, timeoutMs: undefined });
        const value = { then: (run: () => void) => run() };
        return result === "not-equal" ? { async: false, value: result } : { async: true, value };
      },
    };
  }

  #wait(words: Int32Array, { index, expected, timeoutMs }: Wait): string {
    const { array } = this.#behind(words);
    const isAsExpected = () => array[index] === expected;
    return this.#machine.wait(this.#place(words, index), isAsExpected, timeoutMs !== undefined);
  }

  #behind(proxy: object): Watched {
    const watched = this.#watched.get(proxy);
    if (watched === undefined) throw new TypeError("Access memory: found an array not watched");
    return watched;
  }

  #place(words: Int32Array, index: number): string {
    return `${this.#behind(words).memory}[${index}]`;
  }
}

/**
 * The exports of `sources`, TypeScript files that import only each other and `given`, as code
 * that runs on `memory`. Private names become open, with "_" before them.
 */
export function loadOn<Exports>(
  memory: WatchedMemory,
  sources: readonly string[],
  given: { readonly names: readonly string[]; readonly breaks: readonly Break[] },
): Exports {
  const text = breakText(sources.join("\n"), given.breaks)
    .replace(/^import [^;]*;$/gm, "").replace(/^export /gm, "").replace(/#(?=[a-z])/g, "_");
  const code = new Bun.Transpiler({ loader: "ts", deadCodeElimination: false }).transformSync(text);
  const run = new Function(
    "globals",
    `"use strict";
    const { Atomics, SharedArrayBuffer, Int32Array, Float64Array, Uint8Array, Buffer } = globals;
    ${code}
    return { ${given.names.join(", ")} };`,
  );
  return run(globalsOn(memory));
}

function breakText(text: string, breaks: readonly Break[]): string {
  return breaks.reduce((broken, { find, put }) => {
    const parts = broken.split(find);
    if (parts.length !== 2) {
      throw new RangeError(`Break a source: found ${parts.length - 1} times, not once: ${find}`);
    }
    return parts.join(put);
  }, text);
}

function globalsOn(memory: WatchedMemory) {
  // By a number: an array of its thread's own.
  function watchedInt32(buffer: ArrayBuffer | number, start?: number, length?: number) {
    if (typeof buffer === "number") return new Int32Array(memory.allocatePrivate(4 * buffer));
    return memory.watch(new Int32Array(buffer, start, length));
  }
  function privateFloat64(length: number) {
    return new Float64Array(memory.allocatePrivate(8 * length));
  }
  function watchedUint8(buffer: ArrayBuffer, start?: number, length?: number) {
    return memory.watch(new Uint8Array(buffer, start, length));
  }
  function allocate(bytes: number) {
    return memory.allocate(bytes);
  }
  const copy = {
    call(source: Uint8Array, target: Uint8Array, ...[at, start, end]: [number, number, number]) {
      memory.write(target, at, source.subarray(start, end));
    },
  };
  return {
    Atomics: memory.atomics(),
    SharedArrayBuffer: allocate,
    Int32Array: Object.assign(watchedInt32, { BYTES_PER_ELEMENT: 4 }),
    Float64Array: privateFloat64,
    Uint8Array: watchedUint8,
    Buffer: { prototype: { copy } },
  };
}
