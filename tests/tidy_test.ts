/**
 * The project's style, checked; and each rule of the check, proved able to
 * fail by a small bad example. The rules are in support/tidy/.
 */

import { expect, test } from "bun:test";
import { repositoryFiles } from "./support/repository.ts";
import { check, describeFault } from "./support/tidy.ts";
import type { Exceptions } from "./support/tidy/exceptions.ts";

test("the repository is tidy", async () => {
  const faults = check(await repositoryFiles());
  expect(faults.map(describeFault)).toEqual([]);
}, 120_000);

const NONE: Exceptions = {
  longFiles: {},
  wideFunctions: {},
  untested: {},
  sideDoors: {},
  effects: {},
};
const HEAD = "/**\n * What the file is for,\n * and what it leaves to others.\n */\n\n";

/** The rules broken by `files`, which get a good head unless they begin with a line comment. */
function rulesBroken(
  files: Record<string, string>,
  exceptions: Partial<Exceptions> = {},
): string[] {
  const whole = Object.entries(files).map(([path, text]) =>
    [path, path.endsWith(".ts") && !text.startsWith("//") ? HEAD + text : text] as const
  );
  const faults = check(new Map(whole), { ...NONE, ...exceptions });
  return [...new Set(faults.map(({ rule }) => rule))].sort();
}

const DOC = "/** Says what it is. */\n";

test("check() finds nothing in a tidy room", () => {
  const files = {
    "mod.ts": 'export { run } from "./src/api/mod.ts";\n',
    "src/base/mod.ts": 'export { now } from "./clock.ts";\n',
    "src/base/clock.ts": `${DOC}export function now(): number {\n  return Date.now();\n}\n`,
    "src/base/clock_test.ts": 'import { now } from "./clock.ts";\nnow();\n',
    "src/api/mod.ts": 'export { run } from "./run.ts";\n',
    "src/api/run.ts": 'import { now } from "../base/mod.ts";\n\n' +
      `${DOC}export function run(): number {\n  // The clock has whole numbers.\n  return now() as number;\n}\n`,
    "src/api/run_test.ts": 'import { run } from "./run.ts";\nrun();\n',
  };
  expect(rulesBroken(files)).toEqual([]);
});

/** One bad file for each rule; the rule, where it lies, what it says. */
const BAD_FILES: readonly (readonly [rule: string, path: string, text: string])[] = [
  ["file_name", "cmd/badName.ts", ""],
  ["file_name", "cmd/utils/x.ts", ""],
  ["file_length", "cmd/x.ts", "\n".repeat(401) + "run();"],
  ["unfinished", "cmd/x.ts", "// TO" + "DO: later\n"],
  ["unfinished", "README.md", "FIX" + "ME"],
  ["machine_path", "README.md", "see /" + "work/x"],
  ["syntax", "cmd/x.ts", "function ("],
  ["any", "cmd/x.ts", "let a: any;"],
  ["enum", "cmd/x.ts", "enum A { B }"],
  ["enum", "cmd/x.ts", "namespace A { export const b = 1; }"],
  ["non_null", "cmd/x.ts", "a[0]!.b();"],
  ["non_null", "src/tuples/x_test.ts", "a!.b();"],
  ["non_null", "cmd/x.ts", "class A { readonly #b!: number; }"],
  ["as", "cmd/x.ts", "const a = b as unknown as C;"],
  ["as", "cmd/x.ts", "const a = <C> b;"],
  ["default_export", "cmd/x.ts", "export default 1;"],
  ["arrow_constant", "cmd/x.ts", "const run = () => 1;"],
  ["module_state", "src/tm/x.ts", "let a = 1;"],
  ["private", "cmd/x.ts", "class A { private b = 1; }"],
  ["private", "cmd/x.ts", "class A { private b() {} }"],
  ["private", "cmd/x.ts", "class A { constructor(private readonly b: number) {} }"],
  ["empty_catch", "cmd/x.ts", "try { run(); } catch {}"],
  ["empty_catch", "cmd/x.ts", "void run().catch(() => {});"],
  ["skipped_test", "tests/x_test.ts", 'test.skip("x", run);'],
  ["skipped_test", "tests/x_test.ts", 'test.only("x", run);'],
  ["error_text", "cmd/x.ts", 'throw new HeronError("io", "Broken");'],
  ["error_text", "cmd/x.ts", 'throw new HeronError("io", "Reading x: it broke.");'],
  ["error_text", "cmd/x.ts", 'throw new HeronError("io", "reading x: it broke");'],
  ["error_text", "cmd/x.ts", 'throw new HeronError("io", `reading ${x}: it broke`);'],
  ["ignore", "cmd/x.ts", "// @ts-ignore\nrun();"],
  ["ignore", "cmd/x.ts", "// deno-lint-ignore no-explicit-any\nrun();"],
  ["effect", "examples/x.ts", "process.exit(1);"],
  ["effect", "src/tm/x.ts", "const { env } = process.env;"],
  ["effect", "src/tm/x.ts", "setTimeout(run, 1);"],
  ["effect", "cmd/x.ts", "const now = Date.now();"],
  ["effect", "cmd/x.ts", "const now = new Date();"],
  ["effect", "src/base/x.ts", "const chance = Math.random();"],
  ["effect", "src/tm/x.ts", "const id = crypto.randomUUID();"],
  ["effect", "src/tm/x.ts", "console.log(1);"],
  ["floating_promise", "cmd/x.ts", "async function run() {}\nrun();"],
  ["floating_promise", "cmd/x.ts", "class A { async #run() {} go() { this.#run(); } }"],
  ["head", "cmd/x.ts", "//\nrun();"],
  ["head", "cmd/x.ts", "// Line.\n".repeat(6) + "run();"],
  ["docstring", "src/tm/x.ts", "export const a = 1;"],
  ["docstring", "src/tm/x.ts", "// Not one.\nexport interface A {}"],
  ["name", "cmd/x.ts", "function Run() {}"],
  ["name", "cmd/x.ts", "class tmClient {}"],
  ["name", "cmd/x.ts", "class TMClient {}"],
  ["function_size", "cmd/x.ts", `function run() {${"\n".repeat(70)}}`],
  ["function_size", "cmd/x.ts", "function run(a, b, c, d) {}"],
  ["function_size", "cmd/x.ts", "class A { run(a, b, c, d) {} }"],
  ["ending", "cmd/x.ts", 'import "./y";'],
  ["layer", "mod.ts", 'export { a } from "./src/base/mod.ts";'],
  ["layer", "src/base/x.ts", 'import "../api/mod.ts";'],
  ["layer", "src/base/x.ts", 'import "./wire/mod.ts";'],
  ["layer", "src/api/x.ts", 'import "../base/wire/mod.ts";'],
  ["layer", "src/plan/x.ts", 'import "../tuples/mod.ts";'],
  ["layer", "src/state/x.ts", 'import "../packing/mod.ts";'],
  ["layer", "src/tm/x.ts", 'import "../stmgr/mod.ts";'],
  ["layer", "src/tm/x.ts", 'const stmgr = await import("../stmgr/mod.ts");'],
  ["layer", "src/tm/x.ts", 'export type { A } from "../simulator/mod.ts";'],
  ["layer", "src/tm/x.ts", 'import "../../cmd/flags.ts";'],
  ["layer", "src/tm/x.ts", 'import "../../tests/support/tidy.ts";'],
  ["door", "src/tm/x.ts", 'import "../plan/ids.ts";'],
  ["door", "cmd/x.ts", 'import "../src/plan/ids.ts";'],
  ["door", "src/tm/x.ts", 'import "./mod.ts";'],
  ["adapter", "cmd/run.ts", 'import { a } from "../src/state/local_fs.ts";'],
  ["adapter", "src/tm/x.ts", 'import { a } from "../state/memory.ts";'],
  ["adapter", "src/simulator/x.ts", 'import { a } from "../state/local_fs.ts";'],
  ["example", "examples/x.ts", 'import { a } from "../src/api/mod.ts";'],
  ["example", "examples/x.ts", 'import { pack } from "msgpackr";'],
  ["package", "src/tm/x.ts", 'import { test } from "bun:test";'],
  ["room", "src/strange/x.ts", ""],
  ["room", "src/tm/x.ts", ""],
  ["untested", "src/tm/x.ts", "run();"],
  ["dead_export", "src/tm/x.ts", `${DOC}export function run() {}`],
];

const CASES = BAD_FILES.map(([rule, path, text]) => ({
  rule,
  path,
  text,
  title: JSON.stringify(text.trim().slice(0, 60)),
}));

test.each(CASES)("check() reports $rule in $path: $title", ({ rule, path, text }) => {
  expect(rulesBroken({ [path]: text })).toContain(rule);
});

/** Rules that need more than one file, or the exceptions, to be broken. */
test("check() reports a package that users would not get", () => {
  const packageJson = '{ "dependencies": { "@a/b": "1" }, "devDependencies": { "c": "1" } }';
  const broken = (text: string) =>
    rulesBroken({ "package.json": packageJson, "cmd/x.ts": `import "${text}";` });
  expect(broken("c")).toEqual(["package"]);
  expect(broken("c/sub")).toEqual(["package"]);
  expect(broken("@a/b/sub")).toEqual([]);
  expect(broken("node:fs")).toEqual([]);
});

test("check() reports a cycle of imports with its way", () => {
  const files = new Map([
    ["cmd/a.ts", `${HEAD}import "./b.ts";\n`],
    ["cmd/b.ts", `${HEAD}import "./c.ts";\n`],
    ["cmd/c.ts", `${HEAD}import "./a.ts";\n`],
    ["cmd/d.ts", `${HEAD}import "./a.ts";\n`],
  ]);
  expect(check(files, NONE).map(describeFault)).toEqual([
    "cmd/a.ts:1 cycle cmd/a.ts -> cmd/b.ts -> cmd/c.ts -> cmd/a.ts",
  ]);
});

test("check() reports what mod.ts reaches and Deno cannot load", () => {
  const files = (text: string) => ({
    "mod.ts": 'export * from "./src/api/mod.ts";\n',
    "src/api/mod.ts": text,
  });
  expect(rulesBroken(files('import "node:fs";'))).toEqual(["portable"]);
  expect(rulesBroken(files('import { pack } from "msgpackr";'))).toEqual(["portable"]);
  expect(rulesBroken(files("Bun.gc();"))).toEqual(["portable"]);
  expect(rulesBroken(files(""))).toEqual([]);
});

test("check() reports an adapter that is named through its door", () => {
  const files = (importer: string, text: string) => ({
    "src/state/mod.ts": 'export { LocalFs } from "./local_fs.ts";\n' +
      'export { State } from "./state.ts";\n',
    [importer]: text,
  });
  const local = 'import { LocalFs } from "../src/state/mod.ts";\n';
  expect(rulesBroken(files("cmd/run.ts", local))).toEqual(["adapter"]);
  expect(rulesBroken(files("cmd/wiring.ts", local))).toEqual([]);
  expect(rulesBroken(files("tests/x_test.ts", local))).toEqual([]);
  const state = 'import { State } from "../src/state/mod.ts";\n';
  expect(rulesBroken(files("cmd/run.ts", state))).toEqual([]);
});

test("check() lets what is excepted pass, and reports exceptions that nobody needs", () => {
  const wide = { "cmd/x.ts": "function run(a, b, c, d) {}" };
  const reason = "because";
  expect(rulesBroken(wide, { wideFunctions: { "cmd/x.ts run": reason } })).toEqual([]);
  expect(rulesBroken(wide, { wideFunctions: { "* run": reason } })).toEqual([]);
  const long = { "cmd/x.ts": "\n".repeat(450) + "run();" };
  expect(rulesBroken(long, { longFiles: { "cmd/x.ts": reason } })).toEqual([]);
  const tooLong = { "cmd/x.ts": "\n".repeat(601) + "run();" };
  expect(rulesBroken(tooLong, { longFiles: { "cmd/x.ts": reason } })).toEqual(["file_length"]);
  const short = { "cmd/x.ts": "run();" };
  expect(rulesBroken(short, { longFiles: { "cmd/x.ts": reason } })).toEqual(["file_length"]);
  const timed = { "cmd/x.ts": "setTimeout(run, 1);" };
  expect(rulesBroken(timed, { effects: { "cmd/x.ts": reason } })).toEqual([]);
  expect(rulesBroken(short, { untested: { "src/tm/gone.ts": reason } })).toEqual(["exception"]);
});

test("check() takes a test of the same folder that imports a file for its test", () => {
  const files = { "src/tm/x.ts": "run();", "src/tm/y_test.ts": 'import "./x.ts";' };
  expect(rulesBroken(files)).toEqual(["room"]);
  expect(rulesBroken({ ...files, "src/tm/y_test.ts": "" })).toEqual(["room", "untested"]);
});

test("check() lets indexed reads of tuples/ and wire/ say !", () => {
  expect(rulesBroken({ "src/base/wire/x_test.ts": "use(a[0]!);", "src/base/wire/mod.ts": "" }))
    .toEqual([]);
});

test("check() lets a topology file have its default export", () => {
  expect(rulesBroken({ "examples/x.ts": "export default 1;" })).toEqual([]);
  expect(rulesBroken({ "tests/e2e/topologies/x.ts": "export default 1;" })).toEqual([]);
});
