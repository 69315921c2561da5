/** Whether docs/cluster-file.md has every key of a cluster, with its type and default, and no other. */

import { expect, test } from "bun:test";
import { CLUSTER_KEYS, type ClusterKey, SINK_KEYS, SINKS } from "../src/cluster/cluster_keys.ts";
import { HERON_TUNABLES, NAMES_WITHOUT_EFFECT } from "../src/cluster/internal_keys.ts";
import { INTERNAL_PATHS, INTERNALS, knownPath } from "../src/cluster/known_keys.ts";
import { repositoryFiles } from "./support/repository.ts";
import { codeSpans, type DocRow, tableRows } from "./support/rows/doc_table.ts";

const PAGE = "docs/cluster-file.md";
const HERON = "Heron's name";

const text = (await repositoryFiles()).get(PAGE) ?? "";
const rows = tableRows(PAGE, text);

/** What the page has to say of the keys, in its order. */
function expectedRows(): readonly (readonly string[])[] {
  const sinks = Object.entries<ClusterKey>(SINK_KEYS)
    .map(([name, key]) => [`${SINKS}.NAME.${name}`, key] as const);
  return [...Object.entries<ClusterKey>(CLUSTER_KEYS), ...sinks, ...INTERNAL_PATHS]
    .map(([path, { kind, byDefault }]) => [path, kind.name, defaultText(byDefault)]);
}

function defaultText(byDefault: unknown): string {
  if (byDefault === undefined) return "–";
  return Array.isArray(byDefault) ? "none" : `\`${byDefault}\``;
}

function firstCode(row: DocRow, column: string): string {
  return codeSpans(row.cell(column))[0] ?? "";
}

test("the page has every key, with its type and default, and no other", () => {
  const keys = rows.filter((row) => row.has("meaning"));
  expect(keys.map((row) => [firstCode(row, "key"), row.cell("type"), row.cell("default")]))
    .toEqual(expectedRows().map((row) => [...row]));
  for (const row of keys) expect([row.line, row.cell("meaning")]).not.toContain("");
});

test("the page has every tunable of Heron's that is a key, and which it is", () => {
  const named = rows.filter((row) => row.has(HERON) && row.has("key"));
  expect(named.map((row) => [firstCode(row, HERON), firstCode(row, "key")])).toEqual(
    Object.entries(HERON_TUNABLES)
      .map(([name, { key }]) => [`${INTERNALS}.${name}`, `${INTERNALS}.${key}`]),
  );
});

test("the page has every tunable of Heron's that changes nothing", () => {
  const named = rows.filter((row) => row.has(HERON) && !row.has("key"));
  expect(named.map((row) => firstCode(row, HERON)))
    .toEqual(NAMES_WITHOUT_EFFECT.map((name) => name.endsWith(".") ? `${name}*` : name));
});

test("the keys that the page names in its text are there", () => {
  const plain = text.replaceAll(/^\|.*$/gm, "");
  const paths = [...plain.matchAll(/`((?:scheduler|state|uploader|packing|metrics)\.[a-z._-]+)/g)];
  expect(paths.length).toBeGreaterThan(2);
  for (const [, path = ""] of paths) {
    expect([path, knownPath(path).type]).not.toContain("unknown");
  }
});
