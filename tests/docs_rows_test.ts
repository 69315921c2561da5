/**
 * Whether docs/from-storm.md and docs/from-heron.md still say what is so: each
 * row names tests, names and defaults that there are. A row's test is its proof.
 */

import { expect, test } from "bun:test";
import { COMMANDS } from "../cmd/commands.ts";
import { Config } from "../mod.ts";
import { SETTINGS } from "../src/base/config/defaults.ts";
import { topologyPaths } from "../src/state/mod.ts";
import { repositoryFiles } from "./support/repository.ts";
import { apiNames } from "./support/rows/api_names.ts";
import { tableRows } from "./support/rows/doc_table.ts";
import { rowFaults, type RowWorld, VERDICT } from "./support/rows/row_faults.ts";
import { testTitles } from "./support/rows/test_titles.ts";

const PAGES = ["docs/from-storm.md", "docs/from-heron.md"];
/** They name metrics without making them. */
const NAMES_ONLY = /^src\/(metrics\/metric_aggregation|metricsmgr\/tm_forwarder)\.ts$/;

function worldOf(files: ReadonlyMap<string, string>): RowWorld {
  const code = [...files].filter(([path]) =>
    path.startsWith("src/") && !path.endsWith("_test.ts") && !NAMES_ONLY.test(path)
  ).map(([, text]) => text).join("\n");
  const titles = new Map<string, ReadonlySet<string>>();
  return {
    api: apiNames(files),
    settings: new Map(Object.entries(SETTINGS).map(([key, { byDefault }]) => [key, byDefault])),
    keys: new Set(Object.values(Config)),
    commands: new Set(COMMANDS.keys()),
    records: new Set(Object.values(topologyPaths("NAME"))),
    hasOwnName: (name) => code.includes(`"${name}`) || code.includes(`\`${name}`),
    titlesOf(path) {
      const text = files.get(path);
      if (text === undefined) return undefined;
      return titles.getOrInsertComputed(path, () => testTitles(path, text));
    },
  };
}

const files = await repositoryFiles();
const world = worldOf(files);

function faultsOf(page: string, text: string): readonly string[] {
  return tableRows(page, text).filter((row) => row.has(VERDICT))
    .flatMap((row) => rowFaults(row, world));
}

test.each(PAGES)("%s names tests, names and defaults that there are", (page) => {
  const text = files.get(page) ?? "";
  expect(tableRows(page, text).filter((row) => row.has(VERDICT)).length).toBeGreaterThan(40);
  expect(faultsOf(page, text)).toEqual([]);
});

const PROOF = '[src/api/values_test.ts](../src/api/values_test.ts): "Values holds what it is ' +
  'given, a single number too"';
const KEY = "`topology.message.timeout.secs`";

/** A page with one row: what is ours, the verdict, the test, and the default where it is a key. */
function pageWith(ours: string, verdict: string, ...[proof, byDefault]: string[]): string {
  const columns = byDefault === undefined ? [] : [byDefault];
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    row(["Storm", "heron-bin", ...columns.map(() => "Default here"), "Verdict", "Test"]),
    row(["---", "---", ...columns.map(() => "---"), "---", "---"]),
    row(["it", ours, ...columns, verdict, proof ?? ""]),
  ].join("\n");
}

test("a row with all that it needs has no fault", () => {
  const rows = [
    pageWith("`Values`", "same", PROOF),
    pageWith("`TopologyBuilder.setSpout`, `isTick(tuple)`", "better", `${PROOF}<br>${PROOF}`),
    pageWith("`BoltDeclarer.setDebug`, `BaseBasicBolt.update`", "differs", ""),
    pageWith("`heron-bin run --for 3s`, `__emit-count`, `pplans/NAME`", "differs", "–"),
    pageWith("–", "later", "", "–"),
    pageWith(KEY, "same", PROOF, "30"),
    pageWith("`topology.name`", "same", PROOF, '`""`'),
    pageWith("`topology.component.rammap`", "same", PROOF, "–"),
  ];
  for (const text of rows) expect(faultsOf("docs/page.md", text)).toEqual([]);
});

const WRONG: readonly (readonly [what: string, page: string, fault: string])[] = [
  ["no test", pageWith("`Values`", "same", ""), "it is called same and names no test"],
  ["no test for better", pageWith("`Values`", "better", "–"), "called better and names no test"],
  [
    "a test of no file",
    pageWith("`Values`", "same", PROOF.replaceAll("values_test", "valves_test")),
    "there is no file src/api/valves_test.ts",
  ],
  [
    "a title that is a little wrong",
    pageWith("`Values`", "same", PROOF.replace(" too", "")),
    'src/api/values_test.ts has no test "Values holds what it is given, a single number"',
  ],
  [
    "a link elsewhere",
    pageWith("`Values`", "same", PROOF.replace("(../", "(")),
    "the link of src/api/values_test.ts leads to docs/src/api/values_test.ts",
  ],
  ["text for a test", pageWith("`Values`", "differs", "see there"), '"see there" is no test'],
  ["no name", pageWith("–", "same", PROOF), "it names nothing of heron-bin"],
  ["a name that is not exported", pageWith("`TupleBase`", "same", PROOF), "no TupleBase"],
  ["a member that is none", pageWith("`Values.total`", "same", PROOF), "no Values.total"],
  ["a subcommand that is none", pageWith("`heron-bin launch`", "differs"), "no heron-bin launch"],
  ["a metric that is none", pageWith("`__emit-sum`", "differs"), "heron-bin has no __emit-sum"],
  ["a record that is none", pageWith("`plans/NAME`", "differs"), "heron-bin has no plans/NAME"],
  ["a key that is none", pageWith("`topology.speed`", "differs"), "no topology.speed"],
  ["another default", pageWith(KEY, "same", PROOF, "31"), "is 30, found 31"],
  [
    "a default where there is none",
    pageWith("`topology.component.rammap`", "same", PROOF, "1"),
    "the default of topology.component.rammap is –, found 1",
  ],
  ["two keys", pageWith(`${KEY}, \`topology.debug\``, "same", PROOF, "30"), "expected one a row"],
  ["another verdict", pageWith("`Values`", "soon", PROOF), '"soon" is no verdict'],
];

test.each(WRONG)("a row with %s is a fault", (_, text, fault) => {
  expect(faultsOf("docs/page.md", text).join("\n")).toContain(fault);
});

test("testTitles() takes titles as they are written, of tests that run", () => {
  const text = [
    'test("plain", run);',
    "test(`of ${parts}`, run);",
    'test.each([1, 2])("each of %d", run);',
    'it("another", run);',
    // One that is skipped proves nothing.
    `test.${"skip"}("skipped", run);`,
    'test.todo("left for later");',
    '// test("in a comment", run);',
    'other("no test", run);',
  ].join("\n");
  expect([...testTitles("x_test.ts", text)])
    .toEqual(["plain", "of ${parts}", "each of %d", "another"]);
});

test("tableRows() keeps a bar that belongs to a cell, and takes a table for over at the next line", () => {
  const text = "| a | b |\n| --- | --- |\n| 1 \\| 2 | 3 |\n\n| 4 | 5 |\n";
  const rows = tableRows("page.md", text);
  expect(rows.map((row) => [row.line, row.cell("a"), row.cell("b")]))
    .toEqual([[3, "1 | 2", "3"], [5, "", ""]]);
});
