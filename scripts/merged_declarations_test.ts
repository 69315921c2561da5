/** Tests of the merging of declaration files. What it makes of mod.ts is compiled in tests/types. */

import { expect, test } from "bun:test";
import { exportLists, mergeDeclarations, moduleBody } from "./merged_declarations.ts";

const FILES = new Map([
  ["mod.d.ts", '/** The door. */\nexport { type B, make } from "./src/mod.ts";\n'],
  ["src/mod.d.ts", 'export type { B } from "./b.ts";\nexport { make, other } from "./make.ts";\n'],
  [
    "src/b.d.ts",
    `/** What the file is for. */
import type { C } from "./c.ts";
/** The other, as in \`unused()\`. */
declare const BRAND: unique symbol;
/** B. @example \`other()\` */
export interface B extends C {
    readonly [BRAND]?: true;
    other(): void;
}
`,
  ],
  [
    "src/c.d.ts",
    "/** The file. */\ndeclare const MARK: C;\n/** C. */\nexport type C = {\n    a: 1;\n};\n",
  ],
  [
    "src/make.d.ts",
    `import { B } from "./b.ts";
/** Makes one. */
export declare function make(): B;
export declare function make(of: number): B;
/** Nobody asks for it. */
export declare class Unused {}
export declare function other(): void;
`,
  ],
]);

test("mergeDeclarations() puts what is exported, and what that speaks of, into one file", () => {
  expect(mergeDeclarations({ files: FILES, exported: ["make", "B"] })).toBe(
    `/** B. @example \`other()\` */
interface B extends C {
    readonly [BRAND]?: true;
    other(): void;
}

/** The other, as in \`unused()\`. */
declare const BRAND: unique symbol;

/** C. */
type C = {
    a: 1;
};

/** Makes one. */
declare function make(): B;

declare function make(of: number): B;

export {
  B,
  make,
};
`,
  );
});

test("mergeDeclarations() imports the names that another module gives", () => {
  const given = { names: new Set(["C", "make"]), from: "other" };
  expect(mergeDeclarations({ files: FILES, exported: ["B"], given })).toStartWith(
    'import type {\n  C,\n} from "other";\n\n/** B.',
  );
});

test("mergeDeclarations() keeps the names under which files export", () => {
  const files = new Map([["a.d.ts", "export declare const a: 1;\nexport { a as b };\n"]]);
  expect(mergeDeclarations({ files, exported: ["b"] })).toBe(
    "declare const a: 1;\n\nexport {\n  a as b,\n};\n",
  );
});

test("mergeDeclarations() refuses names that meet or are nowhere", () => {
  const merge = (change: Readonly<Record<string, string>>, exported: readonly string[]) => () =>
    mergeDeclarations({ files: new Map([...FILES, ...Object.entries(change)]), exported });
  expect(merge({ "src/d.d.ts": "type C = 2;" }, ["B"])).toThrow(
    '"C" is declared in src/c.d.ts, src/d.d.ts, expected one file',
  );
  expect(merge({}, ["gone"])).toThrow('"gone" is declared in no file');
});

test("exportLists() tells what is passed on from where, and refuses all else", () => {
  const text = 'export { a, type B } from "./a.ts";\nexport { c } from "c";\n';
  expect(exportLists(text, "mod.ts")).toEqual(new Map([["./a.ts", ["a", "B"]], ["c", ["c"]]]));
  expect(() => exportLists('export { b as a } from "./b.ts";', "mod.ts")).toThrow(
    'mod.ts renames "b" to "a"',
  );
  for (const other of ['export * from "./b.ts";', "export {};", "const a = 1;"]) {
    expect(() => exportLists(other, "mod.ts")).toThrow("mod.ts has more than lists of exports");
  }
});

test("moduleBody() gives what a module declares as the text of a file", () => {
  const text = 'declare module "a" {\n  type A = {\n    a: 1;\n  };\n}\ndeclare module "b" {}\n';
  expect(moduleBody(text, "a")).toBe("\ntype A = {\n  a: 1;\n};\n");
  expect(() => moduleBody(text, "c")).toThrow('found no module "c"');
});
