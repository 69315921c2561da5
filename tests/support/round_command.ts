/** What commands that play round after round share: rounds of before, an interruption, a line a round. */

import type { RoundFolder } from "./round_folder.ts";

/** Exit code of a command that was interrupted; the same command goes on from there. */
export const EXIT_INTERRUPTED = 130;

/** What a round may leave and when it is to end. */
export interface RoundEnds {
  /** Where the files of a round that failed are kept. */
  readonly keepFolder: string;
  readonly signal: AbortSignal;
  /** The folders that are to be gone when it ends. */
  onFolders(folders: readonly string[]): void;
}

/** Rounds to be played. */
export interface Rounds<Result extends { readonly round: number }> {
  /** The first line. */
  readonly title: string;
  readonly folder: RoundFolder<Result>;
  /** How long all of them are to take. */
  readonly durationMs: number;
  /** How long one took. */
  playedMs(result: Result): number;
  /** Plays one, for at most `leftMs`. */
  play(round: number, leftMs: number, ends: RoundEnds): Promise<Result>;
  linesOf(result: Result): readonly string[];
}

/** Plays on from where the command was interrupted; undefined: it was interrupted again. */
export async function playRounds<Result extends { readonly round: number }>(
  { title, folder, durationMs, playedMs, play, linesOf }: Rounds<Result>,
): Promise<Result[] | undefined> {
  const interrupt = new AbortController();
  const { signal } = interrupt;
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupt.abort());
  const rounds = folder.read();
  await folder.sweep();
  console.log(title);
  const show = (result: Result): void => linesOf(result).forEach((line) => console.log(line));
  rounds.forEach(show);
  const leftMs = (): number => rounds.reduce((left, one) => left - playedMs(one), durationMs);
  try {
    while (leftMs() > 0) {
      const round = 1 + rounds.length;
      const result = await play(round, leftMs(), {
        keepFolder: folder.keepFolder(round),
        signal,
        onFolders: (folders) => folder.begin(folders),
      });
      rounds.push(result);
      folder.store(result);
      show(result);
    }
  } catch (thrown) {
    if (!signal.aborted) throw thrown;
    console.log("interrupted: the same command goes on from here");
    return undefined;
  }
  return rounds;
}
