/**
 * Words for a shell and paths for Slurm: what may stand in a script so that it is exactly itself.
 */

import { HeronError } from "../../base/mod.ts";

/**
 * `word` as a shell reads it back, whatever it holds.
 * @throws HeronError `invalid_config` for a control character, which ends lines or words
 */
export function quoteWord(word: string): string {
  if (/\p{Cc}/u.test(word)) {
    throw new HeronError(
      "invalid_config",
      `Write a word of a script: found ${JSON.stringify(word)}, expected no control characters`,
    );
  }
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Whether Slurm takes `path` as it stands: it replaces `%x` in it, and a backslash stops that. */
export function isPlainFolder(path: string): boolean {
  return /^\/[^"\\%\p{Cc}]*$/u.test(path);
}
