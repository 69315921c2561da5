/** Simulates seeds on all cores: a thread each, one seed at a time. */

import { availableParallelism } from "node:os";
import type { MutantName, SimulationResult } from "../../src/simulator/mod.ts";

/** What a thread is asked for. */
export interface SeedRequest {
  readonly seed: number;
  readonly mutant: MutantName | undefined;
}

/** What it answers. */
export type SeedAnswer =
  | { readonly seed: number; readonly result: SimulationResult; readonly tookMs: number }
  | { readonly seed: number; readonly error: string; readonly tookMs: number };

/** Which seeds are to be run. */
export interface SeedRange {
  readonly from: number;
  readonly count: number;
  readonly mutant?: MutantName | undefined;
  /** Told of each result, in any order; true: that was enough. */
  onResult(result: SimulationResult, tookMs: number): boolean;
}

/** Threads that simulate. */
export class SeedPool implements Disposable {
  readonly #workers: readonly Worker[];

  /** @param threads how many at a time */
  constructor(threads = availableParallelism()) {
    const file = new URL("./seed_worker.ts", import.meta.url);
    this.#workers = Array.from({ length: threads }, () => new Worker(file));
  }

  /** Runs the seeds of a range; a simulation that throws rejects. */
  async run(range: SeedRange): Promise<void> {
    const { from, count, mutant, onResult } = range;
    let next = from;
    let isEnough = false;
    const work = async (worker: Worker): Promise<void> => {
      while (!isEnough && next < from + count) {
        const answer = await ask(worker, { seed: next++, mutant });
        if ("error" in answer) throw new Error(`Seed ${answer.seed}: ${answer.error}`);
        if (onResult(answer.result, answer.tookMs)) isEnough = true;
      }
    };
    await Promise.all(this.#workers.map(work));
  }

  /** Ends the threads. */
  [Symbol.dispose](): void {
    for (const worker of this.#workers) worker.terminate();
  }
}

function ask(worker: Worker, request: SeedRequest): Promise<SeedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<SeedAnswer>();
  worker.onmessage = ({ data }: MessageEvent<SeedAnswer>) => resolve(data);
  worker.onerror = ({ message }) => reject(new Error(`Seed ${request.seed}: ${message}`));
  worker.postMessage(request);
  return promise;
}
