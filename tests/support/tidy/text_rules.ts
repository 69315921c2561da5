/**
 * Rules that need no syntax tree: names of files, their length, words that
 * stand where work is unfinished, and paths that only one machine has.
 */

import { basename, dirname } from "node:path";
import type { Exceptions } from "./exceptions.ts";
import type { Fault } from "./source.ts";

const LINES_WITH_REASON = 400;
const LINES_MAX = 600;
/** Spelt so that this line is not one of them. */
const UNFINISHED = /\b(TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b/;
/** Root folders that a path in the repository may not begin with. */
const MACHINE_ROOTS = ["work", "farm", "root"];
const MACHINE_PATH = new RegExp(`(^|[^a-zA-Z0-9_.])/(${MACHINE_ROOTS.join("|")})/`);
const VAGUE = new Set(["util", "utils", "helper", "helpers", "misc", "common", "shared"]);

/** The faults of the text at `path`. */
export function textFaults(path: string, text: string, exceptions: Exceptions): Fault[] {
  const faults: Fault[] = [];
  const report = (line: number, rule: string, message: string) =>
    faults.push({ path, line, rule, message });
  nameFaults(path).forEach((message) => report(1, "file_name", message));
  text.split("\n").forEach((line, index) => {
    if (UNFINISHED.test(line)) report(index + 1, "unfinished", "a word that marks unfinished work");
    if (MACHINE_PATH.test(line)) report(index + 1, "machine_path", "a path of one machine");
  });
  if (path.endsWith(".ts")) {
    const message = lengthFault(path, text.trimEnd().split("\n").length, exceptions);
    if (message !== undefined) report(1, "file_length", message);
  }
  return faults;
}

function nameFaults(path: string): string[] {
  const faults: string[] = [];
  if (path.endsWith(".ts") && !/^([a-z0-9_]+\/)*[a-z0-9_]+\.ts$/.test(path)) {
    faults.push("names of folders and files are snake_case");
  }
  const parts = [...dirname(path).split("/"), basename(path, ".ts")];
  if (parts.some((part) => VAGUE.has(part))) faults.push("the name says nothing of what is inside");
  return faults;
}

function lengthFault(path: string, lines: number, exceptions: Exceptions): string | undefined {
  if (lines > LINES_MAX) return `${lines} lines, at most ${LINES_MAX}`;
  const reason = exceptions.longFiles[path];
  if (lines > LINES_WITH_REASON) {
    return reason === undefined
      ? `${lines} lines, over ${LINES_WITH_REASON} needs a reason`
      : undefined;
  }
  return reason === undefined ? undefined : "listed as long without being it";
}
