/**
 * The pages for topology authors: each block has a rule, each link leads somewhere, and all code
 * compiles. tests/e2e/docs_test.ts runs what they show.
 */

import { afterAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { anchorsOf, blocksOf, linksOf } from "./support/docs/blocks.ts";
import { patched, scriptsOf, stepsOf } from "./support/docs/page_steps.ts";
import { PageFolder, readPages } from "./support/docs/pages.ts";
import { missingOnScreen, outputFault } from "./support/docs/same_output.ts";
import { ROOT } from "./support/repository.ts";

const COMPILE_MS = 60_000;
const root = await mkdtemp(join(tmpdir(), "heron-bin-docs-"));
afterAll(() => rm(root, { recursive: true }));
const pages = await readPages();

/** Where a file of TypeScript stands in a page. */
interface Place {
  readonly page: string;
  readonly line: number;
  readonly fault: readonly string[];
}

/** Writes the files of all pages; gives their places by their paths below `root`. */
async function writeFiles(): Promise<ReadonlyMap<string, Place>> {
  const places = new Map<string, Place>();
  for (const { path: page, steps } of pages) {
    const home = join(root, page.replaceAll("/", "_"));
    await mkdir(home);
    const folder = new PageFolder(home);
    for (const step of steps) {
      await folder.apply(step);
      if (step.type === "shell") await folder.follow(step.text);
      if (step.type !== "file") continue;
      const { line, fault = [] } = step;
      places.set(relative(root, folder.pathOf(step.path)), { page, line, fault });
    }
  }
  return places;
}

/** What the compiler says of the files below `root`, by their paths. */
async function compile(): Promise<ReadonlyMap<string, string>> {
  const compilerOptions = {
    // Parts of a whole: what is not used here is used there.
    noUnusedLocals: false,
    noUnusedParameters: false,
    typeRoots: [join(ROOT, "node_modules/@types")],
    paths: { "heron-bin": [join(ROOT, "mod.ts")], "heron-bin/testing": [join(ROOT, "testing.ts")] },
  };
  const config = { extends: join(ROOT, "tsconfig.json"), compilerOptions, include: ["**/*.ts"] };
  await writeFile(join(root, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const child = Bun.spawn([tsc, "--noEmit", "--pretty", "false"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const said = new Map<string, string>();
  let path = "";
  for (const line of (await child.stdout.text()).trimEnd().split("\n")) {
    path = /^(\S+?)\(\d+,\d+\): error /.exec(line)?.[1] ?? path;
    said.set(path, `${said.get(path) ?? ""}${line}\n`);
  }
  await child.exited;
  said.delete("");
  return said;
}

test("the code of all pages compiles, but for what they say does not", async () => {
  const places = await writeFiles();
  const said = await compile();
  for (const [path, text] of said) {
    const place = places.get(path);
    const isWanted = place?.fault.some((line) => line.includes("error TS")) === true;
    const where = place === undefined ? path : `${place.page}, block of line ${place.line}`;
    if (!isWanted) throw new Error(`${where}:\n${text}`);
  }
  for (const [path, { page, line, fault }] of places) {
    const wanted = fault.filter((one) => one.includes("error TS"));
    for (const one of wanted) expect(`${page}:${line} ${said.get(path)}`).toContain(one);
  }
}, COMPILE_MS);

test.each(pages)("$path leads only to what is there", async ({ path, text }) => {
  for (const { line, to } of linksOf(text)) {
    const [file = "", anchor] = to.split("#");
    const target = file === "" ? path : join(dirname(path), file);
    expect(`${path}:${line} ${existsSync(join(ROOT, target)) ? "" : "dead: "}${to}`)
      .not.toContain("dead: ");
    if (anchor === undefined || !target.endsWith(".md")) continue;
    const anchors = anchorsOf(await Bun.file(join(ROOT, target)).text());
    expect([`${path}:${line}`, ...anchors]).toContain(anchor);
  }
});

test.each(pages)("$path calls only scripts of package.json", async ({ text }) => {
  const { scripts } = await Bun.file(join(ROOT, "package.json")).json();
  for (const script of scriptsOf(text)) expect(Object.keys(scripts)).toContain(script);
});

test("stepsOf() refuses a block that has no rule, and says where it is", () => {
  const page = (info: string, text: string) => `# Page\n\n\`\`\`${info}\n${text}\n\`\`\`\n`;
  const refused: readonly (readonly [string, string])[] = [
    [page("toml", "a = 1"), 'line 3 is of kind "toml", for which there is no rule'],
    [page("yaml", "a: 1"), "line 3 names no file"],
    [page("", "a"), 'is of kind "", for which'],
    [page("sh", "rm -r /"), 'has "rm -r /", for which there is no rule'],
    [page("text", "a"), "follows nothing that prints"],
    [page("diff", "+a"), "names no file"],
    [`<!-- continues -->\n\n${page("ts", "a();").slice(8)}`, "continues no file"],
    [`<!-- in: a.ts -->\n${page("ts", "a();").slice(8)}`, 'is part of "a.ts", which has no place'],
    ["```ts\nlet a;\n", "the block of line 1 has no end"],
  ];
  for (const [text, fault] of refused) expect(() => stepsOf(text, "page.md")).toThrow(fault);
});

test("stepsOf() puts a fragment in its place, and goes on with a file", () => {
  const text = [
    "<!-- file: a.ts -->",
    "```ts\nimport a from 'a';\nexport default function b() {\n  // …\n}\n```",
    "<!-- in: a.ts, fails -->\n\n```ts\nimport { c } from 'c';\nc();\n```",
    "```text\nno c\n```",
    "```ts\ntest('d', () => {});\n```",
    "<!-- continues -->\n```ts\ne();\n```",
    "<!-- file: a/b.yaml -->\n```yaml\nc: 1\n```",
    "<!-- exit: 3 -->\n```sh\nheron-bin check a.ts\n```",
    "```text\nwrong\n```",
  ].join("\n\n");
  const fragment =
    "import { c } from 'c';\nimport a from 'a';\nexport default function b() {\nc();\n}\n";
  expect(stepsOf(text, "a-page.md")).toMatchObject([
    { type: "file", path: "a.ts", role: "topology" },
    { type: "file", path: "a_page_12.ts", role: "topology", text: fragment, fault: ["no c"] },
    { type: "file", path: "a_page_21_test.ts", role: "test", text: "test('d', () => {});\n" },
    {
      type: "file",
      path: "a_page_21_test.ts",
      role: "test",
      text: "test('d', () => {});\n\ne();\n",
    },
    { type: "file", path: "a/b.yaml", role: "data", text: "c: 1\n" },
    { type: "shell", exitCode: 3, output: "wrong\n" },
  ]);
});

test("patched() takes lines out and puts others in, where they are found once", () => {
  expect(patched("a\nb\nc\n", " a\n-b\n+d\n+e\n")).toBe("a\nd\ne\nc\n");
  expect(() => patched("a\na\n", "-a\n")).toThrow("found its lines 2 times");
  expect(() => patched("a\n", "-b\n+c\n")).toThrow("found its lines 0 times");
});

test("outputFault() passes over figures, paths and the order of user code's lines, and nothing else", () => {
  const said = "heron-bin: logs in /tmp/heron-bin-1000/a-0a1b2c/logs after 0.33 s\na[0] x\na[1] y";
  const same = "heron-bin: logs in /x/heron-bin-0/a-ffffff/logs after 10.5 s\na[1] y\na[0] x\n";
  expect(outputFault(said, same)).toBeUndefined();
  expect(outputFault(said, same.replace("a-", "b-"))).toContain("/RUN/b");
  expect(outputFault(said, same.replace("a[1] y\n", ""))).toContain("expected");
  expect(outputFault(said, same.replace("[1] y", "[1] z"))).toContain("a[1] z");
  expect(outputFault(said, `${same}more`)).toContain("more");
  const row = "  split          2       14         2        30       0  0";
  expect(outputFault(row, "  split          2       14         2   1,000       0  0"))
    .toBeUndefined();
  expect(outputFault(row, "  split          2       15         2        30       0  0"))
    .toBeDefined();
});

test("outputFault() takes … for any lines", () => {
  expect(outputFault("a\n…\nd", "a\nb\nc\nd")).toBeUndefined();
  expect(outputFault("…\nd", "d")).toBeUndefined();
  expect(outputFault("a\n…\nd", "a\nb\nc")).toBeDefined();
  expect(outputFault("a\n…\nx[0] y", "a\nx[0] y\nx[0] z")).toBeUndefined();
  expect(outputFault("a\n…\nx[0] y", "a\nx[0] z")).toBeDefined();
});

test("missingOnScreen() names the words that are not shown", () => {
  expect(missingOnScreen("component ███ 12.5k/s tasks", "│ tasks  component")).toEqual([]);
  expect(missingOnScreen("component lost", "component")).toEqual(["lost"]);
});

test("linksOf() and anchorsOf() read a page as GitHub does", () => {
  const page = "# What is `lost`?\n\n[a](b.md#c) [d](https://e.org)\n\n```sh\n# no heading\n```\n";
  expect([...anchorsOf(page)]).toEqual(["what-is-lost"]);
  expect(linksOf(page)).toEqual([{ line: 3, to: "b.md#c" }]);
  expect(blocksOf(page)).toMatchObject([{ line: 5, kind: "sh", text: "# no heading\n" }]);
});
