/** A thread that simulates the seeds it is asked for, one after the other. */

import { simulate } from "../../src/simulator/mod.ts";
import type { SeedAnswer, SeedRequest } from "./seed_pool.ts";

/** The two ways of a Worker to speak with its parent. */
interface Port {
  postMessage(message: SeedAnswer): void;
  onmessage: ((event: { data: SeedRequest }) => void) | null;
}

// A Worker's global scope is its port; the types know only the main thread's.
const port = globalThis as unknown as Port;

port.onmessage = ({ data }) => void answer(data);

async function answer({ seed, mutant }: SeedRequest): Promise<void> {
  const startMs = performance.now();
  const choice = mutant === undefined ? {} : { mutant };
  try {
    const result = await simulate({ seed, ...choice });
    port.postMessage({ seed, result, tookMs: performance.now() - startMs });
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown);
    port.postMessage({ seed, error, tookMs: performance.now() - startMs });
  }
}
