/**
 * What is said and done of the memory that a task holds, measured by what the packing plan
 * gives it: above it the task is warned of, far above it is ended. Pure.
 */

/** Time between two looks at the memory of a task. */
export const MEMORY_LOOK_MS = 250;
/** The same while it holds less than half of what it may: a look costs a process at rest more than it does. */
export const MEMORY_LOOK_FAR_MS = 4 * MEMORY_LOOK_MS;

/** The limits of one task. */
export interface MemoryLimits {
  /** Of the task in the packing plan. */
  readonly ramBytes: number;
  /** `instance.memory.kill.percent` of it. */
  readonly killPercent: number;
}

/** What is to be done of a task. */
export interface MemoryVerdict {
  readonly code: "memory_high" | "out_of_memory";
  readonly message: string;
}

/** The memory of one life of a task. */
export class MemoryLimit {
  readonly #limits: MemoryLimits;
  #isTold = false;
  #isEnded = false;
  #isFar = false;

  /** A task that was not looked at yet. */
  constructor(limits: MemoryLimits) {
    this.#limits = limits;
  }

  /** When to look again, in milliseconds from the last look on. */
  get nextLookMs(): number {
    return this.#isFar ? MEMORY_LOOK_FAR_MS : MEMORY_LOOK_MS;
  }

  /** What follows of `heldBytes`; each verdict is given once. */
  look(heldBytes: number): MemoryVerdict | undefined {
    const { ramBytes, killPercent } = this.#limits;
    const killBytes = ramBytes / 100 * killPercent;
    const quietBytes = Math.min(ramBytes, killBytes);
    this.#isFar = 2 * heldBytes < quietBytes;
    if (this.#isEnded || heldBytes <= quietBytes) return undefined;
    const held = `holds ${mebibytes(heldBytes)} of memory`;
    const given = `the ${mebibytes(ramBytes)} that the packing plan gives it`;
    const cure = 'give it more by Config.setComponentRam ("topology.component.rammap")';
    if (heldBytes > killBytes) {
      this.#isEnded = true;
      const message = `${held}, more than ${killPercent} % of ${given} ` +
        `(instance.memory.kill.percent): it was ended; ${cure}`;
      return { code: "out_of_memory", message };
    }
    if (this.#isTold) return undefined;
    this.#isTold = true;
    const message = `${held}, more than ${given}; it is ended at ${killPercent} % of that; ${cure}`;
    return { code: "memory_high", message };
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20).toLocaleString("en-US")} MiB`;
}
