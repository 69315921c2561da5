/**
 * Threads on shared memory, run one shared access at a time in any order.
 * A thread is code that cannot pause, so an operation is run again from its
 * start with the results it has seen, up to its next access. What a thread
 * keeps lies in the fields of its objects, which are saved and restored.
 */

/** A thread of the model. */
export interface ModelThread {
  readonly name: string;
  /** Objects that this thread alone uses; their numbers, strings and booleans are its memory. */
  readonly objects: readonly object[];
  /** Does its next operation. False: that was the last. */
  step(): boolean;
}

/** A state of the whole machine. */
export interface Snapshot {
  readonly memory: readonly Uint8Array[];
  readonly threads: readonly ThreadState[];
}

interface ThreadState {
  readonly fields: readonly unknown[];
  /** What the accesses of the operation under way returned. */
  readonly results: readonly unknown[];
  /** Waits at this place of memory, until notified or for a time. */
  readonly waiting: { readonly place: string; readonly canTimeOut: boolean } | undefined;
  readonly hasEnded: boolean;
}

/** A thread that can go on, or one whose wait can time out. */
export interface Move {
  readonly thread: number;
  readonly timesOut: boolean;
}

/** Thrown where an operation is left until its thread is chosen again. */
class Pause extends Error {}

const PAUSE = new Pause();

interface Field {
  readonly object: Record<string, unknown>;
  readonly name: string;
}

/** The machine; what is done before the first thread is added takes no steps. */
export class Machine {
  readonly #memory: Buffer[] = [];
  /** Those of it that one thread alone uses, as it uses the fields of its objects. */
  readonly #privates: Buffer[] = [];
  readonly #threads: ModelThread[] = [];
  readonly #fields: (readonly Field[])[] = [];
  readonly #states: ThreadState[] = [];
  #running: number | undefined;
  #results: unknown[] = [];
  #replayed = 0;
  #hasMoved = false;
  /** What the last access was, for people. */
  lastAccess = "";

  /** Adds memory that threads share; its number. */
  addMemory(memory: ArrayBuffer): number {
    return this.#memory.push(Buffer.from(memory)) - 1;
  }

  /** Adds memory that one thread alone uses; it takes no steps. */
  addPrivate(memory: ArrayBuffer): void {
    const bytes = Buffer.from(memory);
    this.#memory.push(bytes);
    this.#privates.push(bytes);
  }

  /** Adds threads, which do nothing until moved. */
  addThreads(threads: readonly ModelThread[]): void {
    for (const thread of threads) {
      const fields = thread.objects.flatMap(fieldsOf);
      this.#threads.push(thread);
      this.#fields.push(fields);
      this.#states.push({
        fields: valuesOf(fields),
        results: [],
        waiting: undefined,
        hasEnded: false,
      });
    }
  }

  /** One access to shared memory, which `perform` does; nothing happens between its parts. */
  access<T>(name: string, perform: () => T): T {
    if (this.#running === undefined) return perform();
    if (this.#replayed < this.#results.length) {
      // The results of an operation come back in the order in which its accesses gave them.
      return this.#results[this.#replayed++] as T;
    }
    if (this.#hasMoved) throw PAUSE;
    this.#hasMoved = true;
    this.lastAccess = name;
    const result = perform();
    this.#results.push(result);
    this.#replayed++;
    return result;
  }

  /** Waits at `place` while `isAsExpected`. */
  wait(place: string, isAsExpected: () => boolean, canTimeOut: boolean): string {
    return this.access(`wait ${place}`, () => {
      if (!isAsExpected()) return "not-equal";
      this.#change(this.#running ?? 0, { waiting: { place, canTimeOut } });
      throw PAUSE;
    });
  }

  /** Wakes all that wait at `place`; how many. */
  notify(place: string): number {
    return this.access(`notify ${place}`, () => {
      const waiting = this.#states.keys().filter((thread) =>
        this.#states[thread]?.waiting?.place === place
      ).toArray();
      for (const thread of waiting) this.#endWait(thread, "ok");
      return waiting.length;
    });
  }

  /** All that can happen now. */
  moves(): Move[] {
    return this.#states.flatMap(({ hasEnded, waiting }, thread) => {
      if (hasEnded || (waiting !== undefined && !waiting.canTimeOut)) return [];
      return [{ thread, timesOut: waiting !== undefined }];
    });
  }

  /** Lets `move` happen: one access, and all that needs none behind it. */
  move({ thread, timesOut }: Move): void {
    if (timesOut) {
      this.lastAccess = "time-out";
      this.#endWait(thread, "timed-out");
      return;
    }
    const state = this.#states[thread];
    const model = this.#threads[thread];
    if (state === undefined || model === undefined) throw new RangeError(`No thread "${thread}"`);
    this.#running = thread;
    this.#results = [...state.results];
    this.#replayed = 0;
    this.#hasMoved = false;
    this.lastAccess = "no access";
    const before = this.#privates.map((bytes) => new Uint8Array(bytes));
    try {
      const hasEnded = !model.step();
      const fields = valuesOf(this.#fields[thread] ?? []);
      this.#change(thread, { fields, results: [], hasEnded });
    } catch (thrown) {
      if (thrown !== PAUSE) throw thrown;
      putValues(this.#fields[thread] ?? [], state.fields);
      before.forEach((bytes, index) => this.#privates[index]?.set(bytes));
      this.#change(thread, { results: this.#results });
    } finally {
      this.#running = undefined;
    }
  }

  /** The names of the threads that have not ended. */
  unended(): string[] {
    return this.#threads.filter((_, index) => !this.#states[index]?.hasEnded)
      .map(({ name }) => name);
  }

  /** The name of the thread that makes `move`. */
  nameOf({ thread }: Move): string {
    return this.#threads[thread]?.name ?? "";
  }

  /** The state now. */
  save(): Snapshot {
    return {
      memory: this.#memory.map((bytes) => new Uint8Array(bytes)),
      threads: [...this.#states],
    };
  }

  /** Goes back, or forth, to `snapshot`. */
  restore(snapshot: Snapshot): void {
    snapshot.memory.forEach((bytes, index) => this.#memory[index]?.set(bytes));
    snapshot.threads.forEach((state, index) => {
      this.#states[index] = state;
      putValues(this.#fields[index] ?? [], state.fields);
    });
  }

  /** Equal for equal states. */
  key(): string {
    const memory = this.#memory.map((bytes) => bytes.toString("latin1"));
    const threads = this.#states.map(({ fields, results, waiting, hasEnded }) =>
      [fields.join(), results.join(), waiting?.place, hasEnded].join(";")
    );
    return [...memory, ...threads].join("|");
  }

  #endWait(thread: number, result: string): void {
    const results = [...this.#states[thread]?.results ?? [], result];
    this.#change(thread, { results, waiting: undefined });
  }

  #change(thread: number, changed: Partial<ThreadState>): void {
    const state = this.#states[thread];
    if (state !== undefined) this.#states[thread] = { ...state, ...changed };
  }
}

function fieldsOf(object: object): Field[] {
  return Object.entries(object)
    .filter(([, value]) => /^(number|string|boolean)$/.test(typeof value))
    // What it holds under its own names is not known better, and not needed.
    .map(([name]) => ({ object: object as Record<string, unknown>, name }));
}

function valuesOf(fields: readonly Field[]): unknown[] {
  return fields.map(({ object, name }) => object[name]);
}

function putValues(fields: readonly Field[], values: readonly unknown[]): void {
  fields.forEach(({ object, name }, index) => {
    object[name] = values[index];
  });
}
