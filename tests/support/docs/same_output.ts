/**
 * What a page says is printed, against what is: figures that differ from run to run are made equal,
 * and lines of user code may come in any order.
 */

/** Lines that user code prints, in any order: `component[index] text`. */
const USER_LINE = /^\S+\[\d+\] /;
/** Stands for any lines. */
const ANY = "…";

const SAME: readonly (readonly [RegExp, string])[] = [
  // The folder of a run, wherever it lies.
  [/\S*\/heron-bin-\d+\/([\w-]+)-[0-9a-f]{6}/g, "/RUN/$1"],
  [/heron-bin \d+\.\d+\.\d+/g, "heron-bin VERSION"],
  [/bun test v\S+ \(\w+\)/g, "bun test VERSION"],
  // As bun:test tells it.
  [/ \[\d+(\.\d+)?m?s\]/g, ""],
  [/\b\d+(\.\d+)? (s|ms|kB|MB|KiB|MiB)\b/g, "N $2"],
  // As Slurm counts them.
  [/\bjob \d+\b/g, "job N"],
  // The rate of a component, in the summary.
  [/^( +\S+ +\d+ +\S+ +\S+) +\S+( +\S+ +\S+)$/gm, "$1 N$2"],
  [/ +/g, " "],
];

function normalized(text: string): readonly string[] {
  const plain = SAME.reduce((same, [pattern, by]) => same.replaceAll(pattern, by), text);
  return plain.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

/** What is different between what a page says is printed and what was; undefined: nothing. */
export function outputFault(expected: string, found: string): string | undefined {
  const wanted = normalized(expected);
  const printed = normalized(found);
  const others = (lines: readonly string[]): string[] =>
    lines.filter((line) => !USER_LINE.test(line));
  const users = (lines: readonly string[]): string[] =>
    lines.filter((line) => USER_LINE.test(line)).sort();
  const isSame = matches(others(wanted), others(printed)) &&
    (wanted.includes(ANY)
      ? users(wanted).every((line) => printed.includes(line))
      : Bun.deepEquals(users(wanted), users(printed)));
  if (isSame) return undefined;
  return `expected\n${wanted.join("\n")}\n\nfound\n${printed.join("\n")}\n\nas it was\n${found}`;
}

function matches(wanted: readonly string[], printed: readonly string[]): boolean {
  const [first, ...rest] = wanted;
  if (first === undefined) return printed.length === 0;
  if (first !== ANY) return first === printed[0] && matches(rest, printed.slice(1));
  return printed.some((_, at) => matches(rest, printed.slice(at))) || matches(rest, []);
}

/** The words of a page's screen that the terminal's does not have: figures and bars are left out. */
export function missingOnScreen(expected: string, screen: string): readonly string[] {
  const wordsOf = (text: string): readonly string[] =>
    text.split(/[^\p{L}\p{N}\[\]_-]+/u).filter((word) => /\p{L}{2}/u.test(word));
  const seen = new Set(wordsOf(screen));
  return [...new Set(wordsOf(expected))].filter((word) => !/\d/.test(word) && !seen.has(word));
}
