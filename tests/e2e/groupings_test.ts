/**
 * Every grouping in real processes, over two containers: how many tuples each
 * task gets, and what a user reads of a grouping that goes wrong.
 */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { ROOT } from "../support/repository.ts";
import { LiveRun, topologyFile } from "./live_run.ts";

const TEST_MS = 120_000;

/** What a run over two containers came to. */
interface Dealt {
  /** What the tasks of each bolt got, by their index. */
  readonly counts: Readonly<Record<string, readonly number[]>>;
  /** Whether a task, such as `split[0]`, shares a container with `spout`. */
  isNear(task: string): boolean;
}

async function dealt(spout: string, args: readonly string[]): Promise<Dealt> {
  await using run = await LiveRun.running(["--containers", "2", ...args]);
  const { packingPlan } = await run.job();
  const { exitCode, stdout, stderr } = await run.result;
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  const counts: Record<string, number[]> = {};
  for (const [, name, index, count] of stdout.matchAll(/(\w+)\[(\d)\] got (\d+)/g)) {
    (counts[name ?? ""] ??= [])[Number(index)] = Number(count);
  }
  const near = packingPlan.containerPlans
    .map(({ instancePlans }) =>
      instancePlans.map((one) => `${one.componentName}[${one.componentIndex}]`)
    ).find((tasks) => tasks.includes(`${spout}[0]`)) ?? [];
  return { counts, isNear: (task) => near.includes(task) };
}

function sum(counts: readonly number[] = []): number {
  return counts.reduce((all, one) => all + one, 0);
}

test("every_grouping deals each tuple to the tasks that its grouping says", async () => {
  const { counts, isNear } = await dealt("words", [
    join(ROOT, "examples/every_grouping.ts"),
    "900",
  ]);
  expect(counts["all"]).toEqual([900, 900, 900]);
  expect(counts["global"]).toEqual([900, 0, 0]);
  expect(counts["custom"]).toEqual([450, 0, 450]);
  expect(counts["direct"]).toEqual([450, 450, 0]);
  for (const name of ["shuffle", "none", "local", "fields", "partial"]) {
    expect([name, sum(counts[name])]).toEqual([name, 900]);
  }
  for (const count of [...counts["shuffle"] ?? [], ...counts["none"] ?? []]) {
    expect(count).toBe(300);
  }
  // "the" is four tenths of all words: by fields they are one task's.
  expect(Math.max(...counts["fields"] ?? [])).toBeGreaterThanOrEqual(360);
  expect(Math.max(...counts["partial"] ?? [])).toBeLessThan(360);
  for (const [index, count] of (counts["local"] ?? []).entries()) {
    if (!isNear(`local[${index}]`)) expect([index, count]).toEqual([index, 0]);
  }
}, TEST_MS);

test(
  "local or shuffle keeps near what the tasks there have credit for, and shares the rest",
  async () => {
    const { counts, isNear } = await dealt("fast", [topologyFile("local_or_shuffle"), "400"]);
    const slow = counts["slow"] ?? [];
    expect(sum(slow)).toBe(400);
    const near = slow.filter((_, index) => isNear(`slow[${index}]`));
    expect(near.length).toBeWithin(1, 4);
    // Each has credit for some tens of tuples.
    for (const count of slow) expect(count).toBeGreaterThan(10);
  },
  TEST_MS,
);

test(
  "a custom grouping that chooses no task of its bolt ends the run with its name and line",
  async () => {
    await using run = new LiveRun([topologyFile("local_or_shuffle"), "400", "wrong"]);
    const { exitCode, stderr } = await run.result;
    expect(exitCode).not.toBe(0);
    expect(stderr).toContain(
      'Emit from "fast" to stream "default": custom grouping "Nowhere" of "slow" chose task 4711, ' +
        "expected some of [2, 3, 4, 5]",
    );
    expect(stderr).toMatch(/local_or_shuffle\.ts:\d+/);
  },
  TEST_MS,
);
