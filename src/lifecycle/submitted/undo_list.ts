/** What is to be undone when a later step fails, last first. */

import { HeronError } from "../../base/mod.ts";

/** Steps that were done, and how each is undone. */
export class UndoList {
  readonly #steps: { readonly what: string; readonly undo: () => Promise<unknown> }[] = [];

  /** A step was done. */
  add(what: string, undo: () => Promise<unknown>): void {
    this.#steps.push({ what, undo });
  }

  /** Undoes all, whatever fails; what could not be undone, in words. */
  async undo(): Promise<readonly string[]> {
    const left: string[] = [];
    for (const { what, undo } of this.#steps.splice(0).reverse()) {
      try {
        await undo();
      } catch (thrown) {
        left.push(`${what} (${HeronError.from(thrown).message})`);
      }
    }
    return left;
  }
}
