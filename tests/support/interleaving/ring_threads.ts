/**
 * The two threads of a ring as a machine's threads: one puts records, the
 * other takes and compares them, both sleep when they can do nothing. Run on
 * the source of ring.ts and doorbell.ts itself.
 */

import type { allocateRing, Doorbell, RingReader, RingWriter } from "../../../src/tuples/mod.ts";
import { type Exploration, explore } from "./explore.ts";
import { type Break, loadOn, WatchedMemory } from "./load.ts";
import { Machine, type ModelThread } from "./machine.ts";

const SOURCES = await Promise.all(
  ["doorbell.ts", "ring.ts"].map((name) =>
    Bun.file(new URL(`../../../src/tuples/${name}`, import.meta.url)).text()
  ),
);
const STATES_MAX = 400_000;

interface Exports {
  readonly Doorbell: typeof Doorbell;
  readonly RingReader: typeof RingReader;
  readonly RingWriter: typeof RingWriter;
  readonly allocateRing: typeof allocateRing;
}

/** What threads do wrong on purpose. */
export type Misuse =
  | "looks, then says that it sleeps"
  | "does not look again"
  | "releases, then reads";

/** Two threads and what they do. */
export interface Scene {
  /** Lengths of the records that are put. */
  readonly records: readonly number[];
  readonly startPosition: number;
  /** The writer closes at the end, and the reader ends when it sees that. */
  readonly closes: boolean;
  readonly sleep: "blocking" | "async" | "first times out";
  /** Whom a third thread rings, once at any time. */
  readonly strangerRings: "writer" | "reader" | undefined;
  readonly misuse?: Misuse;
}

/** Record `index`, unlike any other. */
function recordOf(scene: Scene, index: number): Uint8Array {
  return new Uint8Array(scene.records[index] ?? 0).fill(index + 1);
}

/** How one of the two sleeps. */
class Sleeper {
  ticket = 0;
  hasSlept = false;
  readonly #bell: Doorbell;
  readonly #scene: Scene;

  constructor(bell: Doorbell, scene: Scene) {
    this.#bell = bell;
    this.#scene = scene;
  }

  prepare(): void {
    this.ticket = this.#bell.prepareSleep();
  }

  sleep(): void {
    const timeoutMs = this.#scene.sleep !== "first times out" || this.hasSlept ? undefined : 1;
    this.hasSlept = true;
    // On this machine a promise is settled when the thread goes on.
    if (this.#scene.sleep === "async") this.#bell.sleep(this.ticket, () => {});
    else this.#bell.sleepBlocking(this.ticket, timeoutMs);
  }
}

/** Puts all records, then closes. */
class Writer implements ModelThread {
  readonly name = "writer";
  readonly objects: readonly object[];
  readonly #ring: RingWriter;
  readonly #bell: Doorbell;
  readonly #sleeper: Sleeper;
  readonly #scene: Scene;
  // Open, as all that the machine has to keep.
  next = 0;
  doing: "put" | "prepare" | "look" | "sleep" | "cancel" = "put";

  constructor(ring: RingWriter, bell: Doorbell, scene: Scene) {
    this.#ring = ring;
    this.#bell = bell;
    this.#scene = scene;
    this.#sleeper = new Sleeper(bell, scene);
    this.objects = [this, ring, bell, this.#sleeper];
  }

  step(): boolean {
    const { misuse, records } = this.#scene;
    const isLate = misuse === "looks, then says that it sleeps";
    switch (this.doing) {
      case "put":
        if (this.next === records.length) return this.#end();
        if (!this.#put()) this.doing = isLate ? "look" : "prepare";
        return true;
      case "prepare":
        this.#sleeper.prepare();
        this.doing = isLate || misuse === "does not look again" ? "sleep" : "look";
        return true;
      case "look":
        if (this.#put()) this.doing = "cancel";
        else this.doing = isLate ? "prepare" : "sleep";
        return true;
      case "cancel":
        this.#bell.cancelSleep();
        this.doing = "put";
        return true;
      case "sleep":
        this.#sleeper.sleep();
        this.doing = "put";
        return true;
    }
  }

  #put(): boolean {
    const record = recordOf(this.#scene, this.next);
    const isPut = this.#ring.put(record, 0, record.length);
    if (isPut) this.next++;
    return isPut;
  }

  #end(): boolean {
    if (this.#scene.closes) this.#ring.close();
    return false;
  }
}

/** Takes all records and compares them. */
class Reader implements ModelThread {
  readonly name = "reader";
  readonly objects: readonly object[];
  readonly #ring: RingReader;
  readonly #bell: Doorbell;
  readonly #sleeper: Sleeper;
  readonly #scene: Scene;
  readonly #memory: WatchedMemory;
  next = 0;
  doing: "take" | "read" | "release" | "end?" | "prepare" | "look" | "sleep" = "take";

  constructor(ring: RingReader, bell: Doorbell, world: { scene: Scene; memory: WatchedMemory }) {
    this.#ring = ring;
    this.#bell = bell;
    this.#scene = world.scene;
    this.#memory = world.memory;
    this.#sleeper = new Sleeper(bell, world.scene);
    this.objects = [this, ring, bell, this.#sleeper];
  }

  step(): boolean {
    const { misuse } = this.#scene;
    const isLate = misuse === "looks, then says that it sleeps";
    const isEarly = misuse === "releases, then reads";
    switch (this.doing) {
      case "take":
        if (this.#ring.take()) this.doing = isEarly ? "release" : "read";
        else this.doing = "end?";
        return true;
      case "read":
        this.#read();
        this.doing = isEarly ? "take" : "release";
        return isEarly ? !this.#hasAll() : true;
      case "release":
        this.#ring.release();
        this.doing = isEarly ? "read" : "take";
        return isEarly || !this.#hasAll();
      case "end?":
        if (this.#isClosed()) return false;
        this.doing = isLate ? "look" : "prepare";
        return true;
      case "prepare":
        this.#sleeper.prepare();
        this.doing = isLate || misuse === "does not look again" ? "sleep" : "look";
        return true;
      case "look":
        if (this.#ring.isEmpty && !this.#isClosed()) this.doing = isLate ? "prepare" : "sleep";
        else this.#goOn();
        return true;
      case "sleep":
        this.#sleeper.sleep();
        this.doing = "take";
        return true;
    }
  }

  #goOn(): void {
    this.#bell.cancelSleep();
    this.doing = "take";
  }

  #hasAll(): boolean {
    return !this.#scene.closes && this.next === this.#scene.records.length;
  }

  #isClosed(): boolean {
    if (!this.#ring.isClosed) return false;
    if (this.next === this.#scene.records.length) return true;
    throw new Error(`closed after ${this.next} records`);
  }

  #read(): void {
    const { bytes, start, end } = this.#ring;
    const found = this.#memory.read(bytes, start, end);
    const expected = Buffer.from(recordOf(this.#scene, this.next)).toString("hex");
    if (found !== expected) throw new Error(`record ${this.next} is "${found}"`);
    this.next++;
  }
}

/** Rings a bell once at any time, as timers and other threads do. */
class Stranger implements ModelThread {
  readonly name = "stranger";
  readonly objects: readonly object[] = [];
  readonly #bell: Doorbell;

  constructor(bell: Doorbell) {
    this.#bell = bell;
  }

  step(): boolean {
    this.#bell.ring();
    return false;
  }
}

/** Explores all that can happen in `scene`, on the ring's own source with its `breaks`. */
export function exploreScene(scene: Scene, breaks: readonly Break[] = []): Exploration {
  const machine = new Machine();
  const memory = new WatchedMemory(machine);
  const names = ["Doorbell", "RingReader", "RingWriter", "allocateRing"];
  const loaded = loadOn<Exports>(memory, SOURCES, { names, breaks });
  const ring = loaded.allocateRing(64, scene.startPosition);
  const [ofWriter, ofReader] = [0, 0].map(() => memory.watch(new Int32Array(memory.allocate(4))));
  if (ofWriter === undefined || ofReader === undefined) throw new TypeError("No doorbells");
  // Each thread has objects of its own, over the same memory.
  const threads: ModelThread[] = [
    new Writer(
      new loaded.RingWriter(ring, new loaded.Doorbell(ofReader)),
      new loaded.Doorbell(ofWriter),
      scene,
    ),
    new Reader(
      new loaded.RingReader(ring, new loaded.Doorbell(ofWriter)),
      new loaded.Doorbell(ofReader),
      { scene, memory },
    ),
  ];
  if (scene.strangerRings !== undefined) {
    const words = scene.strangerRings === "reader" ? ofReader : ofWriter;
    threads.push(new Stranger(new loaded.Doorbell(words)));
  }
  machine.addThreads(threads);
  return explore(machine, STATES_MAX);
}
