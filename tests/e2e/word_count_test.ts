/** The examples through the binary; word counts equal what the shell's own tools say, to the last word. */

import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Random, seededRandom } from "../../src/base/mod.ts";
import { ROOT } from "../support/repository.ts";
import { runBinary } from "./binary.ts";

const TEST_MS = 600_000;
const TEXTS = 20;
const root = await mkdtemp(join(tmpdir(), "heron-bin-words-"));
afterAll(() => rm(root, { recursive: true }));

/** What `tr`, `sort` and `uniq` count in `file`, in the form of the example. */
async function countByShell(file: string): Promise<string> {
  const script = `tr -cs 'A-Za-z' '\\n' < "$1" | tr 'A-Z' 'a-z' | sed '/^$/d' | LC_ALL=C sort |
    uniq -c | awk '{print $2 "\\t" $1}' | LC_ALL=C sort`;
  const child = Bun.spawn(["sh", "-c", script, "sh", file], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  return text;
}

async function countByBinary(...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await runBinary(["run", "--plain", ...args], { cwd: root });
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  return stdout.split("\n").filter((line) => line !== "").sort(byBytes).map((line) => `${line}\n`)
    .join("");
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** Words of skewed frequency between all kinds of bytes, in lines of all lengths. */
function randomText(random: Random): Uint8Array {
  const words = Array.from(
    { length: 50 + random.below(2000) },
    () =>
      Array.from(
        { length: 1 + random.below(12) },
        () => String.fromCharCode((random.below(4) === 0 ? 65 : 97) + random.below(26)),
      ).join(""),
  );
  const separators = [" ", " ", " ", "\n", ", ", "-", "'", "\t", "3", "ö", "\r\n"];
  const parts: string[] = [];
  const count = random.below(20_000);
  for (let index = 0; index < count; index++) {
    parts.push(words[Math.floor(random.unit() ** 3 * words.length)] ?? "");
    parts.push(separators[random.below(separators.length)] ?? " ");
  }
  return new TextEncoder().encode(parts.join(""));
}

const EXAMPLE = join(ROOT, "examples/word_count.ts");
const TEXT = join(ROOT, "examples/data/text.txt");

for (const containers of ["1", "3"]) {
  test(`word_count counts the repository's text with ${containers} containers`, async () => {
    const counted = await countByBinary("--containers", containers, EXAMPLE);
    expect(counted).toBe(await countByShell(TEXT));
    expect(counted.split("\n").length).toBeGreaterThan(100);
  }, TEST_MS);
}

test(`word_count counts ${TEXTS} random texts with 1 and 3 containers`, async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  console.log(`texts of seed ${seed}`);
  const random = seededRandom(seed);
  for (let index = 0; index < TEXTS; index++) {
    const file = join(root, `text-${index}`);
    await writeFile(file, randomText(random));
    const counted = await countByShell(file);
    for (const containers of ["1", "3"]) {
      expect(await countByBinary("--containers", containers, EXAMPLE, file)).toBe(counted);
    }
  }
}, TEST_MS);

test("exclamation shouts each word twice and shares the work evenly", async () => {
  const { exitCode, stdout, stderr } = await runBinary(
    ["run", "--containers", "2", join(ROOT, "examples/exclamation.ts"), "200"],
    { cwd: root },
  );
  expect({ exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ exitCode: 0, stderr: "" });
  const lines = stdout.trim().split("\n").sort();
  expect(lines.map((line) => line.replace(/"\w+/, '"'))).toEqual([
    'exclaim1[0] 100 words, the last was "!"',
    'exclaim1[1] 100 words, the last was "!"',
    'exclaim2[0] 100 words, the last was "!!"',
    'exclaim2[1] 100 words, the last was "!!"',
  ]);
}, TEST_MS);

test("word_count runs from source too, where threads start late", async () => {
  const main = join(ROOT, "cmd/heron_bin.ts");
  const command = [process.execPath, main, "run", "--plain", EXAMPLE];
  const child = Bun.spawn(command, { cwd: root, stdout: "pipe", stderr: "ignore" });
  const lines = (await new Response(child.stdout).text()).trim().split("\n").sort(byBytes);
  expect(await child.exited).toBe(0);
  expect(`${lines.join("\n")}\n`).toBe(await countByShell(TEXT));
}, TEST_MS);

for (const containers of ["1", "3"]) {
  test(`a bolt slower than the spout loses nothing with ${containers} containers`, async () => {
    const file = join(root, `slow-${containers}`);
    await writeFile(file, randomText(seededRandom(11)));
    const topology = join(ROOT, "tests/e2e/topologies/slow_word_count.ts");
    const counted = await countByBinary("--containers", containers, topology, file);
    expect(counted).toBe(await countByShell(file));
  }, TEST_MS);
}
