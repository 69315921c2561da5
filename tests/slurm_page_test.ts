/** Whether docs/slurm.md says what is so: its messages, variables and keys are those of the sources. */

import { expect, test } from "bun:test";
import { CLUSTER_KEYS } from "../src/cluster/cluster_keys.ts";
import { taskVariables } from "../src/scheduler/mod.ts";
import { repositoryFiles } from "./support/repository.ts";
import { codeSpans, tableRows } from "./support/rows/doc_table.ts";

const PAGE = "docs/slurm.md";
const MESSAGE = "what is said";

const files = await repositoryFiles();
const text = files.get(PAGE) ?? "";
const sources = [...files].filter(([path]) =>
  /^(src|cmd)\/.*\.ts$/.test(path) && !path.endsWith("_test.ts")
).map(([, source]) => source);

/** The spans of a section that look like `pattern`. */
function spansOf(heading: string, pattern: RegExp): readonly string[] {
  const [, section = ""] = text.replaceAll(/^```[^]*?^```$/gm, "").split(`\n${heading}\n`);
  return codeSpans(section.split("\n## ")[0] ?? "").filter((span) => pattern.test(span));
}

test("each message of the table is one of heron-bin's, and told in one place", () => {
  const messages = tableRows(PAGE, text).filter((row) => row.has(MESSAGE))
    .flatMap((row) => codeSpans(row.cell(MESSAGE)));
  expect(messages.length).toBeGreaterThan(20);
  const missing = messages.filter((message) => {
    const parts = message.split("…").map((part) => part.trim()).filter((part) => part !== "");
    return !sources.some((source) => parts.every((part) => source.includes(part)));
  });
  expect(missing).toEqual([]);
  expect(new Set(messages).size).toBe(messages.length);
});

test("the variables that the page has are those that tasks get", () => {
  const named = spansOf("## What tasks get", /^[A-Z_]+$/);
  const all = Object.fromEntries(named.map((name) => [name, "1"]));
  expect(Object.keys(taskVariables(all))).toEqual([...new Set(named)]);
  // One is an older name, and not told.
  const known = (files.get("src/scheduler/slurm/task_variables.ts") ?? "").match(/"[A-Z_]+"/g);
  const untold = new Set(known?.map((name) => name.slice(1, -1)));
  for (const name of named) untold.delete(name);
  expect([...untold]).toEqual(["SLURM_JOBID", "SLURM_STEPID"]);
});

test("the keys that the page has for --slurm are all that a job is asked for with", () => {
  const keys = Object.keys(CLUSTER_KEYS).flatMap((key) =>
    key.startsWith("scheduler.slurm.") ? [key.slice("scheduler.slurm.".length)] : []
  ).filter((key) => key !== "command.timeout" && key !== "poll.interval");
  expect(spansOf("## The cluster file", /^[a-z.]+$/).filter((span) => keys.includes(span)).sort())
    .toEqual(keys.sort());
});
