/**
 * What the compiler says of right.ts and wrong.ts, by the declarations that
 * `heron-bin init` writes, with nothing else installed. That both compile by
 * mod.ts itself is part of the repository's own type check.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { initFiles } from "../../scripts/init_files.ts";
import { ROOT } from "../support/repository.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-types-"));
afterAll(() => rm(root, { recursive: true }));

const files = await initFiles();
beforeAll(async () => {
  const programs = {
    "right.ts": await Bun.file(join(import.meta.dir, "right.ts")).text(),
    "wrong.ts": await Bun.file(join(import.meta.dir, "wrong.ts")).text(),
  };
  for (const [path, text] of Object.entries({ ...files, ...programs })) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text.replaceAll("// @ts-expect-error ", "// WRONG "));
  }
});

/** What the compiler says, by the line of the fault: `file:line` → the whole message. */
async function compile(options: readonly string[] = []): Promise<ReadonlyMap<string, string>> {
  const tsc = join(ROOT, "node_modules/.bin/tsc");
  const child = Bun.spawn([tsc, "--noEmit", "--pretty", "false", ...options], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const output = await child.stdout.text();
  await child.exited;
  const said = new Map<string, string>();
  let place = "";
  for (const line of output.trimEnd().split("\n")) {
    const [, file, number] = /^(\S+?)\((\d+),\d+\): error /.exec(line) ?? [];
    if (file !== undefined) place = `${file}:${number}`;
    said.set(place, `${said.get(place) ?? ""}${line}\n`);
  }
  said.delete("");
  return said;
}

/** The line below each mark, and the parts that the message there must have. */
function expected(text: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [at, line] of text.split("\n").entries()) {
    const parts = line.split("// @ts-expect-error ")[1];
    if (parts !== undefined) found.set(`wrong.ts:${at + 2}`, parts.split(" | "));
  }
  return found;
}

test("the compiler refuses each wrong program by name, and no right one", async () => {
  const wrong = expected(await Bun.file(join(import.meta.dir, "wrong.ts")).text());
  expect(wrong.size).toBeGreaterThan(30);
  const said = await compile();
  expect([...said.keys()]).toEqual([...wrong.keys()]);
  for (const [place, parts] of wrong) {
    for (const part of parts) expect(`${place} ${said.get(place)}`).toContain(part);
  }
}, 60_000);

test.each(["types/heron-bin.d.ts", "types/heron-bin-testing.d.ts"])(
  "%s needs no other library than the language's, and has no fault",
  async (path) => {
    const config = {
      extends: "./tsconfig.json",
      compilerOptions: { lib: ["ESNext"], skipLibCheck: false },
      include: [],
      files: [path],
    };
    await writeFile(join(root, "tsconfig.declarations.json"), JSON.stringify(config));
    const said = await compile(["-p", "tsconfig.declarations.json"]);
    expect([...said.values()]).toEqual([]);
  },
  60_000,
);

test("the declarations of the test kit stand beside those of an installed @types/bun", async () => {
  const types = join(ROOT, "node_modules/@types");
  const config = {
    extends: "./tsconfig.json",
    compilerOptions: { types: ["bun"], typeRoots: [types], lib: ["ESNext"], skipLibCheck: true },
    include: [],
    files: ["topology_test.ts"],
  };
  await writeFile(join(root, "tsconfig.bun.json"), JSON.stringify(config));
  expect([...(await compile(["-p", "tsconfig.bun.json"])).values()]).toEqual([]);
}, 60_000);

test("the declarations have the documentation of the API and of the test kit", () => {
  const text = files["types/heron-bin.d.ts"] ?? "";
  expect(text).toContain("/** Each tuple goes to one task, evenly. */");
  expect(text).not.toMatch(/^import /m);
  const kit = files["types/heron-bin-testing.d.ts"] ?? "";
  expect(kit).toContain("/** Lets `ms` of virtual time pass.");
  expect(kit).toContain("Permission is hereby granted, free of charge");
  expect(kit.match(/^\S.* from ".*"/gm)).toEqual(['} from "heron-bin"']);
}, 60_000);
