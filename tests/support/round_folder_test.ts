/** A command that was interrupted goes on with the rounds that it has, and ends what it left. */

import { expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../e2e/process_tree.ts";
import { RoundFolder } from "./round_folder.ts";

test("RoundFolder gives back the rounds that were stored, in order, and none that was not", async () => {
  const root = mkdtempSync(join(tmpdir(), "hb-rounds-"));
  try {
    const path = join(root, "seed-1");
    const folder = new RoundFolder<{ round: number; tuples: number }>(path);
    const left = join(root, "left");
    for (const round of [10, 9]) {
      folder.begin([left]);
      folder.store({ round, tuples: round });
    }
    writeFileSync(join(path, "round-0011.json.tmp"), "{");
    mkdirSync(folder.keepFolder(9));
    mkdirSync(left);
    folder.begin([left]);
    const next = new RoundFolder<{ round: number; tuples: number }>(path);
    expect(next.read()).toEqual([{ round: 9, tuples: 9 }, { round: 10, tuples: 10 }]);
    await next.sweep();
    expect([existsSync(left), next.read().length]).toEqual([false, 2]);
    await next.sweep();
  } finally {
    rmSync(root, { recursive: true });
  }
});

test("RoundFolder.sweep() kills what an interrupted round left running", async () => {
  const root = mkdtempSync(join(tmpdir(), "hb-rounds-"));
  try {
    const folder = new RoundFolder(join(root, "seed-1"));
    const left = join(root, "left");
    mkdirSync(left);
    const child = Bun.spawn(["sleep", "60"], { cwd: left });
    // As it begins, the system shows no command line of it yet.
    while (!isAlive(child.pid)) await Bun.sleep(1);
    folder.begin([left]);
    await folder.sweep();
    await child.exited;
    expect(child.signalCode).toBe("SIGKILL");
  } finally {
    rmSync(root, { recursive: true });
  }
});
