/** Tests of the merging of declaration files. What it makes of mod.ts is compiled in tests/types. */

import { expect, test } from "bun:test";
import { mergeDeclarations } from "./declarations.ts";

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
  expect(mergeDeclarations(FILES, "mod.d.ts")).toBe(`/** B. @example \`other()\` */
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
`);
});

test("mergeDeclarations() refuses names that meet, are nowhere, or change", () => {
  const merge = (change: Readonly<Record<string, string>>) => () =>
    mergeDeclarations(new Map([...FILES, ...Object.entries(change)]), "mod.d.ts");
  expect(merge({ "src/d.d.ts": "type C = 2;" })).toThrow(
    '"C" is declared in src/c.d.ts, src/d.d.ts, expected one file',
  );
  expect(merge({ "mod.d.ts": 'export { gone } from "./gone.ts";' })).toThrow(
    '"gone" is declared in no file',
  );
  expect(merge({ "mod.d.ts": 'export { B as A } from "./src/b.ts";' })).toThrow(
    'mod.d.ts renames "B" to "A"',
  );
  expect(merge({ "mod.d.ts": 'export * from "./src/mod.ts";' })).toThrow(
    "mod.d.ts has more than lists of exports",
  );
});
