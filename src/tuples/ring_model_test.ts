/**
 * Tries all interleavings of a ring's two threads, one shared access at a
 * time, on the source of ring.ts and doorbell.ts itself; and shows that each
 * of a set of broken sources and misused rings is found out.
 */

import { expect, test } from "bun:test";
import type { Break } from "../../tests/support/interleaving/load.ts";
import {
  exploreScene,
  type Misuse,
  type Scene,
} from "../../tests/support/interleaving/ring_threads.ts";

/** Two records of 24 B fit into 64 B; the third skips the end of memory. */
const SCENE: Scene = {
  records: [20, 17, 20, 3],
  startPosition: 0,
  closes: false,
  sleep: "blocking",
  strangerRings: undefined,
};

const SCENES: readonly (readonly [name: string, scene: Scene])[] = [
  // The smallest first: most faults are found there.
  ["others that ring the reader", { ...SCENE, records: [28, 28], strangerRings: "reader" }],
  ["records of half the ring", { ...SCENE, records: [28, 28, 28], startPosition: 8 }],
  ["a close at the end", { ...SCENE, records: [20, 17, 20], closes: true }],
  ["promises", { ...SCENE, records: [20, 17, 20], sleep: "async", closes: true }],
  ["others that ring the writer", {
    ...SCENE,
    records: [28, 28],
    startPosition: 8,
    strangerRings: "writer",
  }],
  ["positions that pass 2^31", { ...SCENE, startPosition: 2 ** 31 - 24 }],
  ["positions that pass 2^32", { ...SCENE, startPosition: 2 ** 32 - 24, closes: true }],
  ["time-outs", { ...SCENE, records: [20, 17, 20], sleep: "first times out" }],
  ["a skip", SCENE],
];

test.each(SCENES)("a ring keeps its word in all interleavings: %s", (_, scene) => {
  const { states, fault } = exploreScene(scene);
  expect(fault).toBeUndefined();
  expect(states).toBeGreaterThan(1000);
}, 120_000);

/** The first fault in any scene. */
function firstFault(changed: Partial<Scene>, breaks: readonly Break[]): string {
  for (const [name, scene] of SCENES) {
    const { fault } = exploreScene({ ...scene, ...changed }, breaks);
    if (fault !== undefined) return `${name}: ${fault}`;
  }
  return "no fault";
}

const MISUSES: readonly (readonly [misuse: Misuse, fault: RegExp])[] = [
  ["looks, then says that it sleeps", /waits for ever/],
  ["does not look again", /waits for ever/],
  ["releases, then reads", /record \d is/],
];

test.each(MISUSES)("a ring's user is found out that %s", (misuse, fault) => {
  expect(firstFault({ misuse }, [])).toMatch(fault);
}, 120_000);

const MUTANTS: readonly (readonly [name: string, fault: RegExp, broken: Break])[] = [
  [
    "ring() notifies before it takes the ticket",
    /waits for ever/,
    {
      find: `if (Atomics.compareExchange(words, STATE, ticket, 0) !== ticket) return;
    if (this.#hooks.onRung === undefined) Atomics.notify(words, STATE);`,
      put: `Atomics.notify(words, STATE);
    Atomics.compareExchange(words, STATE, ticket, 0);
    if (this.#hooks.onRung === undefined) return;`,
    },
  ],
  [
    "sleepBlocking() sleeps whatever has become of its ticket",
    /waits for ever/,
    {
      find: "Atomics.wait(this.#words, STATE, ticket, timeoutMs)",
      put: "Atomics.wait(this.#words, STATE, Atomics.load(this.#words, STATE), timeoutMs)",
    },
  ],
  [
    "put() rings before its position is stored",
    /waits for ever/,
    {
      find: "Atomics.store(words, TAIL, this.#tail);\n    this.#reader.ring();",
      put: "this.#reader.ring();\n    Atomics.store(words, TAIL, this.#tail);",
    },
  ],
  [
    "put() stores its position before the record is written",
    /record \d is/,
    {
      find: "copyRange.call(bytes,",
      put: "Atomics.store(words, TAIL, (this.#tail + skipped + size) | 0);\n copyRange.call(bytes,",
    },
  ],
  [
    "put() does not count what it skips",
    /record \d is|waits for ever|Error/,
    {
      find: "this.#tail = (this.#tail + skipped + size) | 0;",
      put: "this.#tail = (this.#tail + size) | 0;",
    },
  ],
  [
    "put() needs no room for what it skips",
    /record \d is/,
    {
      find: "this.#hasRoom(skipped + size)",
      put: "this.#hasRoom(size)",
    },
  ],
  [
    "put() needs 8 B less than it writes",
    /record \d is/,
    {
      find: "this.#knownFree() >= size ||",
      put: "this.#knownFree() >= size - 8 ||",
    },
  ],
  [
    "put() looks for room, then says that it waits",
    /waits for ever: writer/,
    {
      find: `Atomics.store(words, WRITER_WAITS, 1);
    if (this.freeBytes() < size) return false;`,
      put: `if (this.freeBytes() < size) { Atomics.store(words, WRITER_WAITS, 1); return false; }`,
    },
  ],
  [
    "put() does not look for room again",
    /waits for ever: writer/,
    {
      find: "if (this.freeBytes() < size) return false;",
      put: "return false;",
    },
  ],
  [
    "positions are compared without their wrap",
    /record \d is/,
    {
      find: "((this.#tail - this.#knownHead) | 0)",
      put: "(this.#tail - this.#knownHead)",
    },
  ],
  [
    "close() does not ring",
    /waits for ever: reader/,
    {
      find: "Atomics.store(this.#views.words, CLOSED, 1);\n    this.#reader.ring();",
      put: "Atomics.store(this.#views.words, CLOSED, 1);",
    },
  ],
  [
    "isClosed looks for records first",
    /closed after \d records/,
    {
      find: "Atomics.load(this.#views.words, CLOSED) === 1 && this.isEmpty",
      put: "this.isEmpty && Atomics.load(this.#views.words, CLOSED) === 1",
    },
  ],
  [
    "take() does not count what was skipped",
    /record \d is|waits for ever|Error/,
    {
      find: "this.#takenBytes = skipped + sizeOf(length);",
      put: "this.#takenBytes = sizeOf(length);",
    },
  ],
  [
    "release() looks if the writer waits, then stores its position",
    /waits for ever: writer/,
    {
      find: `Atomics.store(words, HEAD, this.#head);
    if (Atomics.load(words, WRITER_WAITS) === 0) return;`,
      put: `const waits = Atomics.load(words, WRITER_WAITS);
    Atomics.store(words, HEAD, this.#head);
    if (waits === 0) return;`,
    },
  ],
  [
    "release() rings, then takes the writer's word back",
    /waits for ever: writer/,
    {
      find: "Atomics.store(words, WRITER_WAITS, 0);\n    this.#writer.ring();",
      put: "this.#writer.ring();\n    Atomics.store(words, WRITER_WAITS, 0);",
    },
  ],
  [
    "release() rings only when the ring is fuller",
    /waits for ever: writer/,
    {
      find: "if (usedBytes > capacity / 2) return;",
      put: "if (usedBytes < capacity / 2) return;",
    },
  ],
];

test.each(MUTANTS)("a broken source is found out: %s", (_, fault, broken) => {
  expect(firstFault({}, [broken])).toMatch(fault);
}, 120_000);
