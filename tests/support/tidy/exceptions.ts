/**
 * The exceptions from the tidy rules, each with its reason. One that is no
 * longer needed is a fault itself.
 */

/** Exceptions by path (and name), each with its reason. */
export interface Exceptions {
  /** Files of 401 to 600 lines. */
  readonly longFiles: Readonly<Record<string, string>>;
  /** Functions with more than three parameters: `path name`, or `* name` for each of that name. */
  readonly wideFunctions: Readonly<Record<string, string>>;
  /** Source files without a test beside them. */
  readonly untested: Readonly<Record<string, string>>;
  /** Files that other rooms may import besides the door. */
  readonly sideDoors: Readonly<Record<string, string>>;
  /** Files that touch time, chance or the process where others may not. */
  readonly effects: Readonly<Record<string, string>>;
}

/** The exceptions of this repository. */
export const EXCEPTIONS: Exceptions = Object.freeze({
  longFiles: {},
  wideFunctions: {
    "* onRaw": "the tuple path: no object is made for a frame",
  },
  untested: {},
  sideDoors: {
    "src/base/log_file.ts": "needs node:fs, and the door of base must load anywhere",
  },
  effects: {
    "src/lifecycle/shifted_world.ts": "is the other clock and chance that a plan is tried under",
  },
});
