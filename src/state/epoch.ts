/**
 * Epochs: numbers of which each is taken once and grows, whoever takes it. One is taken by making the record
 * `<path>/<number>`; the records stay as long as the topology, or a number could come back.
 */

import { HeronError } from "../base/mod.ts";
import type { StateManager } from "./state_manager.ts";

const NUMBER = /^[1-9]\d{0,14}$/;
const EMPTY = new Uint8Array();

/**
 * Takes an epoch in the folder `path`: 1 or more, larger than any that was taken before the call, and never
 * given to another taker.
 */
export async function takeEpoch(state: StateManager, path: string): Promise<number> {
  while (true) {
    const taken = (await state.list(path)).filter((name) => NUMBER.test(name)).map(Number);
    const epoch = taken.reduce((most, number) => Math.max(most, number), 0) + 1;
    try {
      await state.create(`${path}/${epoch}`, EMPTY);
      return epoch;
    } catch (thrown) {
      // Another taker was first; it has made progress, so this ends.
      if (!(thrown instanceof HeronError && thrown.code === "already_exists")) throw thrown;
    }
  }
}
