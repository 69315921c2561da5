import { expect, test } from "bun:test";
import { Doors } from "./doors.ts";

const FILES: Readonly<Record<string, string>> = {
  "/p/src/base/mod.ts": `/** The door. */
export { type Clock, systemClock } from "./clock.ts";
export { HeronError as Fault } from "./errors.ts";
export type { Timer } from "./clock.ts";
export { frame } from "./wire/mod.ts";
export const HERE = 1;
`,
  "/p/src/base/wire/mod.ts": `export {
  frame,
  type Packet,
} from "./frame.ts";
`,
};

function straighten(text: string): string {
  return new Doors((file) => FILES[file] ?? "").straighten("/p/src/tm/tm.ts", text);
}

test("An import through a door goes to the modules behind it, its lines stay and its types go", () => {
  const text = `import {
  type Clock,
  Fault,
  frame as framed,
} from "../base/mod.ts";
import { other } from "./other.ts";
code();
`;
  expect(straighten(text)).toBe(
    `import { HeronError as Fault } from "../base/errors.ts"; ` +
      `import { frame as framed } from "../base/wire/frame.ts";\n\n\n\n` +
      `
import { other } from "./other.ts";
code();
`,
  );
});

test("What a door declares itself, types and what it gives on are left alone", () => {
  expect(straighten(`import { HERE } from "../base/mod.ts";`)).toBe(
    `import { HERE as HERE } from "../base/mod.ts";`,
  );
  for (
    const text of [
      `import type { Clock } from "../base/mod.ts";`,
      `export { systemClock } from "../base/mod.ts";`,
      `import { x } from "elsewhere/mod.ts";`,
    ]
  ) expect(straighten(text)).toBe(text);
});

test("A value that is imported when it is asked for is led as well", () => {
  expect(straighten(`const { frame } = await import("../base/mod.ts");`)).toBe(
    `const { frame } = await import("../base/wire/frame.ts");`,
  );
  const renamed = `const { Fault } = await import("../base/mod.ts");`;
  expect(straighten(renamed)).toBe(renamed);
});
