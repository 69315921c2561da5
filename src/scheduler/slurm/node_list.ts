/**
 * Slurm's short spelling of lists: nodes as `n[1-3,07],login`, numbers as `4(x3),2`. Reads them;
 * which nodes a job has is told by its environment.
 */

import { HeronError } from "../../base/mod.ts";

/** More nodes than any job of ours has; a range that claims more is damaged. */
const NODES_MAX = 100_000;

/**
 * The names in a list of nodes, in its order; empty for an empty one.
 * @throws HeronError `corrupt` when it is no such list
 */
export function parseNodeList(list: string): readonly string[] {
  if (list === "" || list === "(null)") return [];
  const names = splitOutside(list).flatMap((pattern) => expand(pattern, list));
  if (names.length > NODES_MAX) throw damaged(list);
  return names;
}

/**
 * The numbers in a list such as `4(x3),2`: one a node.
 * @throws HeronError `corrupt` when it is no such list
 */
export function parseRepeated(list: string): readonly number[] {
  if (list === "") return [];
  return list.split(",").flatMap((part) => {
    const [, number, times = "1"] = /^(\d{1,9})(?:\(x(\d{1,6})\))?$/.exec(part) ?? [];
    if (number === undefined || Number(times) > NODES_MAX) throw damaged(list);
    return Array.from({ length: Number(times) }, () => Number(number));
  });
}

const PATTERN = /(?:[^,[\]]|\[[^[\]]+\])+/g;
const LIST = /^(?:[^,[\]]|\[[^[\]]+\])+(?:,(?:[^,[\]]|\[[^[\]]+\])+)*$/;

/** Splits at the commas outside of brackets. */
function splitOutside(list: string): readonly string[] {
  if (!LIST.test(list)) throw damaged(list);
  return list.match(PATTERN) ?? [];
}

/** The names of one pattern; brackets may follow one another, the last one counts fastest. */
function expand(pattern: string, list: string): readonly string[] {
  const [, head, ranges, rest = ""] = /^([^[\]]*)\[([^[\]]+)\](.*)$/.exec(pattern) ?? [];
  if (head === undefined || ranges === undefined) return [pattern];
  const tails = expand(rest, list);
  const numbers = ranges.split(",").flatMap((range) => numbersOf(range, list));
  if (numbers.length * tails.length > NODES_MAX) throw damaged(list);
  return numbers.flatMap((number) => tails.map((tail) => `${head}${number}${tail}`));
}

/** Numbers keep their leading zeros. */
function numbersOf(range: string, list: string): readonly string[] {
  const [, first, last = first] = /^(\d{1,12})(?:-(\d{1,12}))?$/.exec(range) ?? [];
  if (first === undefined || last === undefined) throw damaged(list);
  const count = Number(last) - Number(first) + 1;
  if (count < 1 || count > NODES_MAX) throw damaged(list);
  return Array.from(
    { length: count },
    (_, at) => String(Number(first) + at).padStart(first.length, "0"),
  );
}

function damaged(list: string): HeronError {
  return new HeronError(
    "corrupt",
    `Read a list of Slurm's: found "${
      list.slice(0, 200)
    }", expected one such as "n[1-3],m7" or "4(x2),1"`,
  );
}
