/** What the bundler complains of, for people: file:line:column, the message and the code frame. Pure. */

import { isAbsolute, relative } from "node:path";

/** An import of a native addon. */
export interface NativeImport {
  readonly path: string;
  /** Absolute path of the file with the import. */
  readonly importer: string;
}

/** The part of the bundler's messages that is read here. */
export interface BuildLog {
  readonly level: string;
  readonly message: string;
  readonly position: {
    readonly file: string;
    readonly line: number;
    readonly column: number;
    readonly length: number;
    readonly lineText: string;
  } | null;
}

// More would scroll the first ones away.
const FAULTS_MAX = 10;

/** All errors among `logs` and all native imports, a paragraph each; paths relative to `folder`. */
export function describeBuildFault(
  logs: readonly BuildLog[],
  native: readonly NativeImport[],
  folder: string,
): string {
  const errors = logs.filter((log) => log.level === "error").map((log) => describeLog(log, folder));
  const addons = native.map(({ path, importer }) =>
    `${shortPath(importer, folder)}: "${path}" is a native addon, which cannot be packed; ` +
    "expected code in JavaScript, TypeScript or WebAssembly"
  );
  const all = [...addons, ...errors];
  if (all.length === 0) return "the bundler gave no reason";
  const shown = all.slice(0, FAULTS_MAX);
  if (all.length > FAULTS_MAX) shown.push(`and ${all.length - FAULTS_MAX} more`);
  return shown.join("\n");
}

function describeLog({ message, position }: BuildLog, folder: string): string {
  const text = explain(message);
  if (position === null) return text;
  const place = `${shortPath(position.file, folder)}:${position.line}:${position.column}`;
  const margin = `${position.line} | `;
  // Tabs stay tabs under tabs, so that the caret is where the fault is.
  const before = position.lineText.slice(0, position.column - 1).replace(/[^\t]/g, " ");
  const caret = "^".repeat(Math.max(1, Math.min(position.length, 60)));
  return `${place}: ${text}\n  ${margin}${position.lineText}\n  ${
    " ".repeat(margin.length)
  }${before}${caret}`;
}

function explain(message: string): string {
  const unresolved = /^Could not resolve: ("[^"]*")/.exec(message)?.[1];
  if (unresolved !== undefined) {
    return unresolved.startsWith('".') || unresolved.startsWith('"/')
      ? `Unresolved import ${unresolved}: there is no such file`
      : `Unresolved import ${unresolved}: no such package beside the topology, is it installed?`;
  }
  if (message === "Macros are disabled") {
    return "An import macro would run code while bundling: macros are never run";
  }
  return message;
}

function shortPath(path: string, folder: string): string {
  const short = relative(folder, path);
  return short.startsWith("../..") || isAbsolute(short) ? path : short;
}
