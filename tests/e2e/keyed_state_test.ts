/** Keyed state through the binary: it counts what a Map counts, on as many tasks and containers. */

import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom } from "../../src/base/mod.ts";
import { ROOT } from "../support/repository.ts";
import { runBinary } from "./binary.ts";

const TEST_MS = 600_000;
const root = await mkdtemp(join(tmpdir(), "heron-bin-keyed-"));
afterAll(() => rm(root, { recursive: true }));

async function countBy(example: string, ...args: readonly string[]): Promise<string[]> {
  const command = ["run", "--plain", ...args.slice(0, -1), join(ROOT, "examples", example)];
  const { exitCode, stdout, stderr } = await runBinary([...command, ...args.slice(-1)], {
    cwd: root,
  });
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.split("\n").filter((line) => line !== "").sort();
}

/** Enough different words that keys are read ahead. */
function randomText(words: number): string {
  const random = seededRandom(crypto.getRandomValues(new Uint32Array(1))[0] ?? 0);
  const letters = "abcdefghij";
  const word = () =>
    Array.from({ length: 4 + random.below(9) }, () => letters[random.below(letters.length)]).join(
      "",
    );
  const known = Array.from({ length: 30_000 }, word);
  return Array.from({ length: words }, () => known[random.below(known.length)]).join(" ");
}

for (const containers of ["1", "3"]) {
  test(`keyed_word_count counts what word_count counts with ${containers} containers`, async () => {
    const file = join(root, `text-${containers}`);
    await writeFile(file, randomText(120_000));
    const counted = await countBy("keyed_word_count.ts", "--containers", containers, file);
    expect(counted.length).toBeGreaterThan(20_000);
    expect(counted).toEqual(await countBy("word_count.ts", "--containers", containers, file));
  }, TEST_MS);
}
