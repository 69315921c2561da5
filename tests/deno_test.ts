/**
 * The user's API is not Bun's alone: under Deno, with no permission and no
 * network, mod.ts loads and the examples build their topologies. What runs
 * them is the binary; see e2e/.
 */

import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./support/repository.ts";

const DENO = join(ROOT, "node_modules/.bin/deno");
const cache = mkdtempSync(join(tmpdir(), "heron-bin-deno-"));
afterAll(() => rmSync(cache, { recursive: true }));

/** Runs `module` under Deno in the root folder, with no permission. */
async function runUnderDeno(module: string): Promise<{ stdout: string; stderr: string }> {
  const child = Bun.spawn([DENO, "run", "--no-prompt", "--no-remote", "-"], {
    cwd: ROOT,
    env: { ...process.env, DENO_DIR: cache, NO_COLOR: "1" },
    stdin: new Blob([module]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  await child.exited;
  return { stdout, stderr };
}

test("mod.ts loads under Deno with no permission", async () => {
  const module = 'import { Fields, Values } from "heron-bin";\n' +
    'console.log(new Fields("a", "b").size(), new Values(1).length);';
  expect(await runUnderDeno(module)).toEqual({ stdout: "2 1\n", stderr: "" });
}, 120_000);

test.each([
  ["acked_orders", 3],
  ["async_enrichment", 3],
  ["dead_letters", 4],
  ["every_grouping", 10],
  ["exclamation", 3],
  ["keyed_word_count", 3],
  ["multi_anchored_join", 4],
  ["own_metrics", 2],
  ["rolling_count", 3],
  ["word_count", 3],
])(
  "the example %s builds its topology under Deno",
  async (name, components) => {
    const module = `import build from "./examples/${name}.ts";\n` +
      "const { definition } = build([]);\n" +
      "console.log(definition.name, definition.components.length);";
    const topology = name.replaceAll("_", "-");
    expect(await runUnderDeno(module)).toEqual({
      stdout: `${topology} ${components}\n`,
      stderr: "",
    });
  },
  120_000,
);

test("Deno gives no permission by default, so the tests above can fail", async () => {
  const { stderr } = await runUnderDeno('Deno.readTextFileSync("README.md");');
  expect(stderr).toContain("NotCapable");
}, 120_000);
