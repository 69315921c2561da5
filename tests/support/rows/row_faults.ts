/**
 * What is wrong with the rows of the pages that compare heron-bin with Storm and
 * Heron: a verdict without its test, a test, name, key or default that is not so.
 */

import { posix } from "node:path";
import type { ApiNames } from "./api_names.ts";
import { codeSpans, type DocRow } from "./doc_table.ts";

/** What the rows are held against. */
export interface RowWorld {
  readonly api: ApiNames;
  /** The settings of the system with their defaults. */
  readonly settings: ReadonlyMap<string, string | number | boolean>;
  /** Other keys that the API has a name for; they have no default. */
  readonly keys: ReadonlySet<string>;
  /** Subcommands of heron-bin. */
  readonly commands: ReadonlySet<string>;
  /** Where the records of the topology NAME lie. */
  readonly records: ReadonlySet<string>;
  /** Whether the code gives something this name, which begins with `__`. */
  hasOwnName(name: string): boolean;
  /** The titles of the tests in a file; undefined where there is no such file. */
  titlesOf(path: string): ReadonlySet<string> | undefined;
}

/** The column that makes a row one of these. */
export const VERDICT = "Verdict";
const OURS = "heron-bin";
const TEST = "Test";
const DEFAULT = "Default here";
/** What a cell holds that says: there is none. */
const NONE = "–";

const PROVED: ReadonlySet<string> = new Set(["same", "better"]);
const OTHERS: ReadonlySet<string> = new Set(["differs", "later", "left out"]);
const NAMED_TEST = /\[([^\]]+)\]\(([^)]+)\): "([^"]+)"/g;
const CONFIG_KEY = /^[a-z]+(\.[a-z0-9]+)+$/;

/** One line a fault. */
export function rowFaults(row: DocRow, world: RowWorld): readonly string[] {
  const verdict = row.cell(VERDICT);
  const faults = [
    ...testFaults(row, world),
    ...nameFaults(row, world),
    ...defaultFaults(row, world),
  ];
  if (!PROVED.has(verdict) && !OTHERS.has(verdict)) {
    faults.push(`"${verdict}" is no verdict, expected ${[...PROVED, ...OTHERS].join(", ")}`);
  }
  return faults.map((fault) => `${row.page}:${row.line}: ${fault}`);
}

function* testFaults(row: DocRow, world: RowWorld): Iterable<string> {
  const cell = row.cell(TEST);
  const named = [...cell.matchAll(NAMED_TEST)];
  if (PROVED.has(row.cell(VERDICT)) && named.length === 0) {
    yield `it is called ${row.cell(VERDICT)} and names no test`;
  }
  const rest = cell.replaceAll(NAMED_TEST, "").replaceAll("<br>", "").replaceAll(NONE, "").trim();
  if (rest !== "") yield `"${rest}" is no test, expected [path](link): "title"`;
  for (const [, path = "", link = "", title = ""] of named) {
    const linked = posix.join(posix.dirname(row.page), link);
    if (linked !== path) yield `the link of ${path} leads to ${linked}`;
    const titles = world.titlesOf(path);
    if (titles === undefined) yield `there is no file ${path}`;
    else if (!titles.has(title)) yield `${path} has no test "${title}"`;
  }
}

function* nameFaults(row: DocRow, world: RowWorld): Iterable<string> {
  const spans = codeSpans(row.cell(OURS));
  if (spans.length === 0 && PROVED.has(row.cell(VERDICT))) yield "it names nothing of heron-bin";
  for (const span of spans) {
    if (!isKnown(span, world)) yield `heron-bin has no ${span}`;
  }
}

function isKnown(span: string, world: RowWorld): boolean {
  if (span.startsWith("heron-bin ")) return world.commands.has(span.split(" ")[1] ?? "");
  if (span.startsWith("__")) return world.hasOwnName(span);
  if (span.includes("/")) return world.records.has(span);
  if (CONFIG_KEY.test(span)) return world.settings.has(span) || world.keys.has(span);
  return world.api.has(span.replace(/\(.*\)$/, ""));
}

/** Where a table has defaults, each row has one key at most, and its very default. */
function* defaultFaults(row: DocRow, world: RowWorld): Iterable<string> {
  if (!row.has(DEFAULT)) return;
  const found = row.cell(DEFAULT).replaceAll("`", "");
  const keys = codeSpans(row.cell(OURS)).filter((span) => CONFIG_KEY.test(span));
  if (keys.length > 1) yield `it names the keys ${keys.join(", ")}, expected one a row`;
  const byDefault = world.settings.get(keys[0] ?? "");
  const expected = byDefault === undefined ? NONE : textOf(byDefault);
  if (found !== expected) {
    yield `the default of ${keys[0] ?? "no key"} is ${expected}, found ${found}`;
  }
}

function textOf(value: string | number | boolean): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
