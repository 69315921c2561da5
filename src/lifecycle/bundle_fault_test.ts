/** Tests of how the bundler's complaints read. */

import { expect, test } from "bun:test";
import { type BuildLog, describeBuildFault } from "./bundle_fault.ts";

function log(message: string, column = 3): BuildLog {
  const position = { file: "/home/u/t.ts", line: 7, column, length: 2, lineText: "\tab()" };
  return { level: "error", message, position };
}

test("describeBuildFault() shows place, frame and caret", () => {
  expect(describeBuildFault([log("Unexpected b")], [], "/home/u")).toBe(
    "t.ts:7:3: Unexpected b\n  7 | \tab()\n      \t ^^",
  );
});

test("describeBuildFault() leaves warnings and places out that are not there", () => {
  const logs = [{ ...log("careful"), level: "warning" }, { ...log("broken"), position: null }];
  expect(describeBuildFault(logs, [], "/home/u")).toBe("broken");
});

test("describeBuildFault() tells a missing package from a missing file", () => {
  const text = describeBuildFault(
    [
      log('Could not resolve: "csv". Maybe you need to "bun install"?'),
      log('Could not resolve: "./x"'),
    ],
    [],
    "/",
  );
  expect(text).toContain('home/u/t.ts:7:3: Unresolved import "csv": no such package');
  expect(text).toContain('Unresolved import "./x": there is no such file');
});

test("describeBuildFault() shows ten faults and counts the rest", () => {
  const logs = Array.from({ length: 13 }, (_, index) => log(`fault ${index}`));
  const text = describeBuildFault(
    logs,
    [{ path: "./a.node", importer: "/home/u/t.ts" }],
    "/home/u",
  );
  expect(text).toStartWith('t.ts: "./a.node" is a native addon');
  expect(text).toEndWith("\nand 4 more");
});

test("describeBuildFault() keeps absolute paths of what lies far away", () => {
  expect(describeBuildFault([log("x")], [], "/home/other/deep")).toStartWith("/home/u/t.ts:7:3");
});
