/**
 * What a process takes beside what it holds of tuples: what JavaScriptCore has compiled, and what
 * its collector has not collected yet. The rules are JavaScriptCore's, its figures are asked of it.
 */

const MIB = 1024 * 1024;

/**
 * What a thread's code comes to once it runs, with its profiles and with what compiling leaves in
 * the allocator. Measured as what a process at rest, after 60 MB of tuples, has above its idle
 * memory and its bound: up to 3.9 MiB in an instance, of two threads, and up to 2.1 MiB in a stream
 * manager, of one; without a compiler (`BUN_JSC_useJIT=0`) less than 1 MiB in both.
 */
const COMPILED_BYTES = 3 * MIB;

/**
 * What lives in a thread's heap before any tuple comes: above all the program itself. Measured as
 * what a full collection leaves (`BUN_JSC_logGC=1`): 5.5 MiB in a stream manager, 7 MiB in
 * each of an instance's two threads.
 */
const LIVE_HEAP_BYTES = 7 * MIB;

/** The rules of the collector, by the names of JavaScriptCore's options. */
interface CollectorRules {
  /** A heap is not collected before it has grown to this, in bytes. */
  readonly largeHeapSize: number;
  /** It may grow by so many times what a full collection has left. */
  readonly heapGrowthMaxIncrease: number;
  /** A collection is a full one when what may be allocated is less than this share of the heap. */
  readonly minEdenToOldGenerationRatio: number;
}

const RULES = rulesOf(optionsOfEngine());

/** What the code of a process with so many threads comes to when it runs, in bytes. */
export function compiledBytes(heaps: number): number {
  return heaps * COMPILED_BYTES;
}

/**
 * What the collector may leave uncollected in all heaps of a process that hold `heldBytes`. A full
 * collection that leaves `live` allows `window` more. A short one adds what survived to the limit,
 * garbage too that was still in use then, and `window` stays; so until the next full collection
 * the heap can grow to `window / ratio`.
 */
export function collectorBytes(heaps: number, heldBytes: number): number {
  const { largeHeapSize, heapGrowthMaxIncrease, minEdenToOldGenerationRatio } = RULES;
  const live = heaps * LIVE_HEAP_BYTES + heldBytes;
  const window = Math.max(heaps * largeHeapSize - live, heapGrowthMaxIncrease * live);
  return window / minEdenToOldGenerationRatio - live;
}

function rulesOf(options: string): CollectorRules {
  const option = (name: keyof CollectorRules): number => {
    const value = Number(new RegExp(`\\b${name}=([\\d.]+)`).exec(options)?.[1]);
    if (value > 0) return value;
    throw new Error(`Ask the engine for its options: found no "${name}" in:\n${options}`);
  };
  return {
    largeHeapSize: option("largeHeapSize"),
    heapGrowthMaxIncrease: option("heapGrowthMaxIncrease"),
    minEdenToOldGenerationRatio: option("minEdenToOldGenerationRatio"),
  };
}

/** The options of this Bun, which is the one in the binary. */
function optionsOfEngine(): string {
  const { stderr, stdout } = Bun.spawnSync([process.execPath, "-e", "0"], {
    env: { BUN_JSC_dumpOptions: "2" },
  });
  return `${stderr}${stdout}`;
}
