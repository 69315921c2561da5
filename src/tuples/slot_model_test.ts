/**
 * Tries all interleavings of a slot table's two threads, one shared access at
 * a time, on the source of the table itself; and shows that each of a set of
 * broken sources is found out.
 */

import { expect, test } from "bun:test";
import type { Break } from "../../tests/support/interleaving/load.ts";
import {
  type Act,
  exploreSlots,
  type SlotScene,
} from "../../tests/support/interleaving/slot_threads.ts";

function first(root: number): Act {
  return { act: "first", root };
}

function second(root: number): Act {
  return { act: "second", root };
}

function whole(root: number): Act {
  return { act: "whole", root };
}

function sole(root: number): Act {
  return { act: "sole", root };
}

function alone(root: number): Act {
  return { act: "alone", root };
}

function fail(root: number): Act {
  return { act: "fail", root };
}

function expire(atMs: number): Act {
  return { act: "expire", atMs };
}

const LOSE: Act = { act: "lose" };

const SCENES: readonly (readonly [name: string, scene: SlotScene])[] = [
  ["acks of one slot, repeated late", {
    slots: 1,
    roots: 3,
    script: [first(0), second(0), first(0), first(1), second(0), second(1), first(1), first(2)],
    outcomes: [1, 1, 4],
  }],
  ["acks of two slots", {
    slots: 2,
    roots: 3,
    outcomes: [1, 1, 1],
    script: [first(0), first(1), second(1), second(0), first(1), first(2), second(1), second(2)],
  }],
  ["acks in one record, repeated late", {
    slots: 1,
    roots: 4,
    script: [whole(0), first(0), whole(1), whole(0), first(2), second(2), whole(3), whole(1)],
    outcomes: [1, 1, 1, 1],
  }],
  ["acks of roots whose key the gateway adds", {
    slots: 2,
    roots: 4,
    script: [sole(0), second(1), second(0), sole(1), alone(2), alone(0), sole(3), second(3)],
    outcomes: [1, 1, 1, 1],
  }],
  ["time-outs, and acks that come after them", {
    slots: 1,
    roots: 3,
    script: [expire(0), first(0), expire(90), expire(100), second(0), expire(190), first(0)],
  }],
  ["time-outs of two slots", {
    slots: 2,
    roots: 3,
    script: [expire(0), first(0), expire(100), second(0)],
  }],
  ["losses at any time", {
    slots: 2,
    roots: 3,
    script: [LOSE, first(0), LOSE, second(0), LOSE],
  }],
  ["fails, and acks that come after them", {
    slots: 1,
    roots: 3,
    script: [first(0), fail(0), second(0), fail(0), first(1), second(1), fail(0), fail(1)],
    outcomes: [2, 1, 4],
  }],
  ["generations that pass 2^32", {
    slots: 1,
    roots: 3,
    generation: -2,
    script: [first(0), second(0), first(0), first(1), second(0), second(1), first(1), first(2)],
  }],
  ["generations that pass 2^31", {
    slots: 1,
    roots: 2,
    generation: 2 ** 31 - 2,
    script: [first(0), second(0), first(1), first(0), second(1)],
  }],
];

test.each(SCENES)("each root ends once in all interleavings: %s", (_, scene) => {
  const { states, fault } = exploreSlots(scene);
  expect(fault).toBeUndefined();
  expect(states).toBeGreaterThan(150);
}, 60_000);

/** The first fault in any scene. */
function firstFault(broken: Break): string {
  for (const [name, scene] of SCENES) {
    const { fault } = exploreSlots(scene, [broken]);
    if (fault !== undefined) return `${name}: ${fault}`;
  }
  return "no fault";
}

const MUTANTS: readonly (readonly [name: string, fault: RegExp, broken: Break])[] = [
  [
    "a closed root is not remembered",
    /ends twice|ends with/,
    { find: "this.#known[slot * KNOWN.words + KNOWN.closed] = open;", put: "" },
  ],
  [
    "time-outs close what is closed",
    /ends twice|ends with/,
    {
      find: "if (open === 0 || this.#isClosed(slot, open)) continue;\n      const at",
      put: "if (open === 0) continue;\n      const at",
    },
  ],
  [
    "losses close what is closed",
    /ends twice|ends with/,
    {
      find: "if (open === 0 || this.#isClosed(slot, open)) continue;\n      this.#close",
      put: "if (open === 0) continue;\n      this.#close",
    },
  ],
  [
    "records count for any generation",
    /root \d ends with \d|waits for ever/,
    { find: "return open === generation && open !== 0", put: "return open !== 0" },
  ],
  [
    "take() gives the same generation again",
    /root \d ends|waits for ever/,
    { find: "(this.#generations[slot]! + 1) | 0 || 1", put: "this.#generations[slot]! || 1" },
  ],
  [
    "what was acked of the root before is kept",
    /root \d ends with 4|waits for ever/,
    { find: "known[at + KNOWN.xorLow] = 0;", put: "" },
  ],
  [
    "the other half of it is kept",
    /root \d ends with 4|waits for ever/,
    { find: "known[at + KNOWN.xorHigh] = 0;", put: "" },
  ],
  [
    "the lower half of the key does not count",
    /root \d ends with 1/,
    { find: "if (low === allLow && high === allHigh)", put: "if (high === allHigh)" },
  ],
  [
    "the upper half of the key does not count",
    /root \d ends with 1/,
    { find: "if (low === allLow && high === allHigh)", put: "if (low === allLow)" },
  ],
  [
    "a record is whole by its lower half",
    /root \d ends with 1/,
    {
      find:
        "words[at + SLOT_FIELD.xorLow] === xorLow && words[at + SLOT_FIELD.xorHigh] === xorHigh",
      put: "words[at + SLOT_FIELD.xorLow] === xorLow",
    },
  ],
  [
    "a record is whole by its upper half",
    /root \d ends with 1/,
    {
      find:
        "words[at + SLOT_FIELD.xorLow] === xorLow && words[at + SLOT_FIELD.xorHigh] === xorHigh",
      put: "words[at + SLOT_FIELD.xorHigh] === xorHigh",
    },
  ],
  [
    "a sole record is whole whatever was anchored",
    /root \d ends with 1/,
    { find: "return xorLow === 0 && xorHigh === 0;", put: "return true;" },
  ],
  [
    "the gateway does not add the key",
    /root \d ends with 4|waits for ever/,
    { find: "xorLow ^ (isSole ? allLow : 0)", put: "xorLow" },
  ],
  [
    "what was closed is told once more only",
    /waits for ever|never used|ends/,
    {
      find: "this.#told = this.#tail;",
      put: "this.#told = this.#tail + 1;",
    },
  ],
  [
    "a new root is as old as the one before",
    /root \d ends with 3/,
    {
      find: "if (known[at + KNOWN.seen] !== open) this.#see(slot, nowMs);\n      else if",
      put: "if",
    },
  ],
  [
    "a completion is told before it is written",
    /never used|ends twice|ends with/,
    {
      find: "this.#ring[COMPLETION_WORD.first",
      put: "Atomics.store(this.#ring, COMPLETION_WORD.tail, (this.#tail + 1) | 0);\n" +
        "this.#ring[COMPLETION_WORD.first",
    },
  ],
  [
    "all completions are written to one place",
    /ends twice|ends with|never used/,
    { find: "(this.#tail & this.#mask)] = (slot", put: "0] = (slot" },
  ],
  [
    "publish() does not tell how far slots are used",
    /waits for ever/,
    { find: "Atomics.store(words, SLOT_WORD.used, this.#used);", put: "" },
  ],
  [
    "free() gives another slot back",
    /root \d ends|waits for ever/,
    {
      find: "this.#freed[end < this.#count ? end : end - this.#count] = slot;",
      put: "this.#freed[end < this.#count ? end : end - this.#count] = 0;",
    },
  ],
  [
    "slots are taken from the wrong place once the ring has come round",
    /root \d ends|waits for ever|never used/,
    { find: "this.#freedAt + 1 === this.#count ? 0", put: "this.#freedAt + 1 === this.#count ? 1" },
  ],
];

test.each(MUTANTS)("a broken source is found out: %s", (_, fault, broken) => {
  expect(firstFault(broken)).toMatch(fault);
}, 60_000);
