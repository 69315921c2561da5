/**
 * The two sides of a slot table as a machine's threads: one opens roots, hears
 * how they ended and frees their slots; the other does a script of records,
 * time-outs and losses. Run on the source of the slot table itself.
 */

import type { AckRecord, allocateSlots, SlotCloser, SlotOpener } from "../../../src/tuples/mod.ts";
import { type Exploration, explore } from "./explore.ts";
import { type Break, loadOn, WatchedMemory } from "./load.ts";
import { Machine, type ModelThread } from "./machine.ts";

const SOURCES = await Promise.all(
  ["acks.ts", "slot_memory.ts", "slot_opener.ts", "slot_closer.ts"].map((name) =>
    Bun.file(new URL(`../../../src/tuples/${name}`, import.meta.url)).text()
  ),
);
const STATES_MAX = 400_000;
const TIMEOUT_MS = 100;

interface Exports {
  readonly SlotCloser: typeof SlotCloser;
  readonly SlotOpener: typeof SlotOpener;
  readonly allocateSlots: typeof allocateSlots;
}

/** What the gateway does next. Roots are numbered as they are opened. */
export type Act =
  /**
   * One of the two records that ack a root, both in one, or one that fails it; `sole` and `alone`
   * stand for `first` and `whole` of a root whose key the gateway adds.
   */
  | {
    readonly act: "first" | "second" | "whole" | "sole" | "alone" | "fail";
    readonly root: number;
  }
  | { readonly act: "expire"; readonly atMs: number }
  | { readonly act: "lose" };

/** Two threads and what they do. */
export interface SlotScene {
  readonly slots: number;
  readonly roots: number;
  readonly script: readonly Act[];
  /** How each root ends; absent: it depends on when what happens. */
  readonly outcomes?: readonly number[];
  /** Of the roots that came before, in each slot. @default 0 */
  readonly generation?: number;
}

interface Halves {
  readonly low: number;
  readonly high: number;
}

/** What the two records of a root carry; the first one has one half of the key complete. */
function recordsOf(
  root: number,
): Readonly<Record<"first" | "second" | "whole" | "sole" | "alone", Halves>> {
  const [whole, begun, rest] = [0x100 + root, 0x1000 << root, 0x10000 << root];
  const [first, second] = root % 2 === 0
    ? [{ low: whole, high: begun }, { low: 0, high: rest }]
    : [{ low: begun, high: whole }, { low: rest, high: 0 }];
  return {
    first,
    second,
    whole: { low: first.low ^ second.low, high: first.high ^ second.high },
    sole: second,
    alone: { low: 0, high: 0 },
  };
}

/** Memory beside the slots: how many roots have left, and whether the executor has ended. */
interface Shared {
  readonly words: Int32Array;
  readonly completions: Int32Array;
  readonly atomics: ReturnType<WatchedMemory["atomics"]>;
}

const SENT = 0;
const LOST = 4;

/** Opens all roots, one after the other. */
class Executor implements ModelThread {
  readonly name = "executor";
  readonly objects: readonly object[];
  readonly #opener: SlotOpener;
  readonly #shared: Shared;
  readonly #scene: SlotScene;
  readonly #onCompletion: (root: number, outcome: number) => void;
  // Open, as all that the machine has to keep.
  next = 0;
  completed = 0;
  doing: "take" | "publish" | "send" | "notify" | "complete" | "free" | "wait" = "take";
  slot = 0;
  /** Where each root is, one digit a root: its slot + 1, or 0. */
  places = "";
  generations = "";
  /** The roots that have ended. */
  ended = "";

  constructor(
    opener: SlotOpener,
    shared: Shared,
    world: { scene: SlotScene; onCompletion: (root: number, outcome: number) => void },
  ) {
    this.#opener = opener;
    this.#shared = shared;
    this.#scene = world.scene;
    this.#onCompletion = world.onCompletion;
    this.objects = [this, opener];
  }

  /** The generation of `root`. */
  generationOf(root: number): number {
    return Number(this.generations.split(",")[root]);
  }

  /** Slots taken so far. */
  get takenCount(): number {
    return this.places === "" ? 0 : this.places.split(",").length;
  }

  /** The slot that `root` was opened in. */
  slotOf(root: number): number {
    return Number(this.places.split(",")[root]);
  }

  step(): boolean {
    const opener = this.#opener;
    switch (this.doing) {
      case "take":
        return this.#take();
      case "publish": {
        const { whole } = recordsOf(this.next);
        opener.publish(this.slot, whole.low, whole.high);
        this.doing = "send";
        return true;
      }
      case "send":
        this.next++;
        this.#shared.atomics.store(this.#shared.words, SENT, this.next);
        this.doing = "notify";
        return true;
      case "notify":
        this.#shared.atomics.notify(this.#shared.words, SENT);
        this.doing = "complete";
        return true;
      case "complete":
        if (opener.takeCompletion()) this.#complete();
        else this.doing = this.#isFull() ? "wait" : "take";
        return true;
      case "free":
        opener.free(this.slot);
        this.doing = "take";
        return this.completed < this.#scene.roots;
      case "wait": {
        const { atomics, completions } = this.#shared;
        atomics.wait(completions, 0, this.completed);
        this.doing = "complete";
        return true;
      }
    }
  }

  #take(): boolean {
    const slot = this.next < this.#scene.roots ? this.#opener.take() : undefined;
    if (slot === undefined) {
      this.doing = "complete";
      return true;
    }
    this.slot = slot;
    const separator = this.next === 0 ? "" : ",";
    this.places += `${separator}${slot}`;
    this.generations += `${separator}${this.#opener.generationOf(slot)}`;
    this.doing = "publish";
    return true;
  }

  #isFull(): boolean {
    return this.next === this.#scene.roots || this.#opener.freeCount === 0;
  }

  #complete(): void {
    const { completedSlot, completedOutcome } = this.#opener;
    // The newest root in that slot.
    const root = this.places.split(",").lastIndexOf(String(completedSlot));
    if (root < 0) throw new Error(`slot ${completedSlot} is completed, never used`);
    if (this.ended.includes(`${root};`)) throw new Error(`root ${root} ends twice`);
    this.ended += `${root};`;
    this.#onCompletion(root, completedOutcome);
    this.completed++;
    this.slot = completedSlot;
    this.doing = "free";
  }
}

/** Does its script, then loses what is still open. */
class Gateway implements ModelThread {
  readonly name = "gateway";
  readonly objects: readonly object[];
  readonly #closer: SlotCloser;
  readonly #shared: Shared;
  readonly #scene: SlotScene;
  readonly #executor: Executor;
  readonly outcomes: readonly number[] | undefined;
  next = 0;
  /** What it has done, or is about to. */
  done = "";
  doing: "look" | "wait" | "say" | "act" | "notify" | "count" | "lose" | "tell" | "wait last" =
    "look";
  nowMs = 0;
  /** When it acted, and how many slots were taken then: `atMs:count;` each. */
  seen = "";
  /** Roots that had left when it looked last. */
  sent = 0;

  constructor(
    closer: SlotCloser,
    shared: Shared,
    world: { scene: SlotScene; executor: Executor },
  ) {
    this.#closer = closer;
    this.#shared = shared;
    this.#scene = world.scene;
    this.#executor = world.executor;
    this.outcomes = world.scene.outcomes;
    this.objects = [this, closer];
  }

  /** Whether `root` may be too late: it may have been seen a time-out ago. */
  mayExpire(root: number): boolean {
    return this.seen.split(";").some((look) => {
      const [atMs = NaN, count = NaN] = look.split(":").map(Number);
      return count > root && this.nowMs - atMs >= TIMEOUT_MS;
    });
  }

  /** Whether `act` was done, for `root` if it is for one. */
  has(act: string, root: number | "" = ""): boolean {
    return this.done.includes(`${act} ${root};`);
  }

  step(): boolean {
    const { words, completions, atomics } = this.#shared;
    const act = this.#scene.script[this.next];
    switch (this.doing) {
      case "look":
        this.sent = atomics.load(words, SENT);
        if (act === undefined) this.doing = "count";
        else this.doing = "root" in act && act.root >= this.sent ? "wait" : "say";
        return true;
      case "wait":
        atomics.wait(words, SENT, this.sent);
        this.doing = "look";
        return true;
      case "say":
        // Before: the executor sees what came of it in the midst of the act.
        if (act !== undefined) this.done += `${act.act} ${"root" in act ? act.root : ""};`;
        if (act?.act === "expire") this.nowMs = act.atMs;
        this.doing = "act";
        return true;
      case "act":
        if (act !== undefined) this.#do(act);
        this.next++;
        this.doing = "notify";
        return true;
      case "notify":
        atomics.notify(completions, 0);
        this.doing = "look";
        return true;
      case "count":
        this.sent = atomics.load(words, SENT);
        this.done += "lose ;";
        this.doing = "lose";
        return true;
      case "lose":
        this.#closer.failAll(LOST);
        this.doing = "tell";
        return true;
      case "tell":
        atomics.notify(completions, 0);
        this.doing = "wait last";
        return this.sent < this.#scene.roots;
      case "wait last":
        atomics.wait(words, SENT, this.sent);
        this.doing = "count";
        return true;
    }
  }

  #do(act: Act): void {
    const closer = this.#closer;
    if (act.act === "expire") closer.expire(act.atMs);
    else if (act.act === "lose") closer.failAll(LOST);
    else {
      closer.apply(this.#recordOf(act), this.nowMs);
      closer.tellClosed();
    }
    this.seen += `${this.nowMs}:${this.#executor.takenCount};`;
  }

  #recordOf({ act, root }: Extract<Act, { readonly root: number }>): AckRecord {
    const executor = this.#executor;
    const { low, high } = recordsOf(root)[act === "fail" ? "first" : act];
    return {
      slot: executor.slotOf(root),
      generation: executor.generationOf(root),
      kind: act === "fail" ? 1 : act === "sole" || act === "alone" ? 3 : 0,
      xorLow: low,
      xorHigh: high,
    };
  }
}

/** Explores all that can happen in `scene`, on the slot table's own source with its `breaks`. */
export function exploreSlots(scene: SlotScene, breaks: readonly Break[] = []): Exploration {
  const machine = new Machine();
  const memory = new WatchedMemory(machine);
  const names = ["SlotCloser", "SlotOpener", "allocateSlots"];
  const loaded = loadOn<Exports>(memory, SOURCES, { names, breaks });
  const slots = loaded.allocateSlots(scene.slots);
  const shared = {
    words: memory.watch(new Int32Array(memory.allocate(4))),
    // The memory of the model is no SharedArrayBuffer, though it is used as one.
    completions: memory.watch(new Int32Array(slots.completions as unknown as ArrayBuffer)),
    atomics: memory.atomics(),
  };
  const opener = new loaded.SlotOpener(slots);
  setGenerations(opener, scene.generation ?? 0);
  const executor: Executor = new Executor(opener, shared, {
    scene,
    onCompletion: (root, outcome) => check(gateway, root, outcome),
  });
  const closer = new loaded.SlotCloser(slots, { timeoutMs: TIMEOUT_MS });
  const gateway = new Gateway(closer, shared, { scene, executor });
  machine.addThreads([executor, gateway]);
  return explore(machine, STATES_MAX);
}

/** As if the slots had been used so often. */
function setGenerations(opener: SlotOpener, generation: number): void {
  // Private fields are open ones in a loaded source.
  const { _generations } = opener as unknown as { readonly _generations: Int32Array };
  _generations.fill(generation);
}

/** @throws Error when `root` cannot have ended with `outcome`. */
function check(gateway: Gateway, root: number, outcome: number): void {
  const isBegun = gateway.has("first", root) || gateway.has("sole", root);
  const isAcked = gateway.has("whole", root) || gateway.has("alone", root) ||
    (isBegun && gateway.has("second", root));
  const isLate = gateway.mayExpire(root);
  const may = [false, isAcked, gateway.has("fail", root), isLate, gateway.has("lose")];
  const expected = gateway.outcomes?.[root] ?? outcome;
  if (may[outcome] === true && outcome === expected) return;
  throw new Error(`root ${root} ends with ${outcome} after "${gateway.done}"`);
}
