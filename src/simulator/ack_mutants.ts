/** Broken builds of acks: keys, slots, and how many tuples may be open. */

import type { IBolt, ISpout, OutputCollector, Tuple } from "../api/mod.ts";
import type { SystemConfig } from "../base/config/mod.ts";
import type { Random } from "../base/mod.ts";
import { type AckRecord, SlotCloser, type SlotMemory, SlotOpener } from "../tuples/mod.ts";
import type { Interposer } from "./interposer.ts";
import type { MutantMakers, MutantRun } from "./mutant_run.ts";
import { readTuple } from "./sim_code.ts";

type Name =
  | "forgotten_xor"
  | "key_shared_by_copies"
  | "join_counts_twice"
  | "place_given_twice"
  | "wrong_generation"
  | "slot_reuse"
  | "limiter_off";

/** The makers. */
export const ackMutants: MutantMakers<Name> = Object.freeze({
  /** What a bolt emits is not in the record of the tuple that it came of. */
  forgotten_xor: () => ({ userCode: (code) => wrapBolt(code, { executed: forgetKeys }) }),
  /** All copies of a tuple have the same key. */
  key_shared_by_copies: sharedKeys,
  /** What is emitted for two tuples of one root is in the records of both. */
  join_counts_twice: () => ({ userCode: (code) => wrapBolt(code, { anchored: countTwice }) }),
  /** More than one of the tuples that came of one takes its place. */
  place_given_twice: () => ({ userCode: (code) => wrapBolt(code, { executed: hideKeys }) }),
  /** A record counts for whatever root is in its slot now. */
  wrong_generation: wrongGeneration,
  /** A slot is free before its root is done. */
  slot_reuse: ({ world }: MutantRun) => ({
    opener: (slots: SlotMemory) => new HastyOpener(slots, () => world.chance(0.02)),
  }),
  /** A spout may have as many open tuples as there are slots. */
  limiter_off: () => ({
    config: (config: SystemConfig): SystemConfig => ({
      ...config,
      spoutPendingStart: config.topologyMaxSpoutPending,
    }),
  }),
});

/** A tuple as the executor makes it, beside what user code knows of it. */
interface KeyedTuple extends Tuple {
  addKey(place: number, low: number, high: number): void;
}

interface BoltWrap {
  readonly executed?: (tuple: KeyedTuple) => void;
  readonly anchored?: (anchors: readonly KeyedTuple[]) => void;
}

function wrapBolt<Code extends ISpout | IBolt>(code: Code, wrap: BoltWrap): Code {
  if ("nextTuple" in code) return code;
  const { prepare, execute } = code;
  const broken: Pick<IBolt, "prepare" | "execute"> = {
    prepare: (config, context, collector) => {
      const emit = (...args: unknown[]): readonly number[] => {
        const anchors = args.find((arg, index) => Array.isArray(arg) && index < args.length - 1);
        // What stands before the values in brackets are anchors.
        if (Array.isArray(anchors)) wrap.anchored?.(anchors as KeyedTuple[]);
        return Reflect.apply(collector.emit, collector, args);
      };
      // The other methods are as they were.
      prepare?.call(code, config, context, { ...collector, emit } as OutputCollector);
    },
    execute: (tuple) => {
      // Tuples of the executor have keys.
      wrap.executed?.(tuple as KeyedTuple);
      return execute.call(code, tuple);
    },
  };
  return Object.assign(code, broken);
}

function forgetKeys(tuple: KeyedTuple): void {
  Object.defineProperty(tuple, "addKey", { value: () => {}, configurable: true });
}

function hideKeys(tuple: KeyedTuple): void {
  Object.defineProperty(tuple, "hasKeys", { value: false, configurable: true });
}

/** Where both are of one emit of a spout, they have one root. */
function countTwice([first, second]: readonly KeyedTuple[]): void {
  if (first === undefined || second === undefined) return;
  if (readTuple(first)?.attempt !== readTuple(second)?.attempt) return;
  // The method of their class, whatever was done to either before.
  const honest: unknown = Reflect.get(Object.getPrototypeOf(first), "addKey");
  if (typeof honest !== "function") return;
  Object.defineProperty(first, "addKey", {
    configurable: true,
    value: (...args: unknown[]) => {
      for (const one of [first, second]) Reflect.apply(honest, one, args);
    },
  });
}

/** Numbers drawn at one moment are one and the same. */
function sharedKeys({ world }: MutantRun): Partial<Interposer> {
  return {
    random: (random: Random): Random => {
      let drawnMs = -1;
      let drawn = 0;
      const uint32 = (): number => {
        if (world.nowMs() !== drawnMs) drawn = random.uint32();
        drawnMs = world.nowMs();
        return drawn;
      };
      return { ...random, uint32 };
    },
  };
}

/** The gateway asks the executor which generation is in a slot. */
function wrongGeneration(): Partial<Interposer> {
  const openers = new Map<SlotMemory, SlotOpener>();
  class BlindCloser extends SlotCloser {
    readonly #slots: SlotMemory;

    constructor(slots: SlotMemory, timeoutMs: number | undefined) {
      super(slots, { timeoutMs });
      this.#slots = slots;
    }

    override apply(record: AckRecord, nowMs: number): void {
      const generation = openers.get(this.#slots)?.generationOf(record.slot) ?? record.generation;
      const { slot, kind, xorLow, xorHigh } = record;
      super.apply({ slot, generation, kind, xorLow, xorHigh }, nowMs);
    }
  }
  return {
    opener: (slots) => {
      const opener = new SlotOpener(slots);
      openers.set(slots, opener);
      return opener;
    },
    closer: (slots, timeoutMs) => new BlindCloser(slots, timeoutMs),
  };
}

class HastyOpener extends SlotOpener {
  readonly #isHasty: () => boolean;

  constructor(slots: SlotMemory, isHasty: () => boolean) {
    super(slots);
    this.#isHasty = isHasty;
  }

  override publish(slot: number, xorLow: number, xorHigh: number): void {
    super.publish(slot, xorLow, xorHigh);
    if (this.#isHasty()) this.free(slot);
  }
}
