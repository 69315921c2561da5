/**
 * The error codes, against the sources: each is thrown or told somewhere, is looked for by a test,
 * and nothing is told that is none.
 */

import { expect, test } from "bun:test";
import { ERROR_CODES, isErrorCode } from "../src/base/mod.ts";
import { repositoryFiles } from "./support/repository.ts";

/** Where an error is made with a code, or one is told. */
const MADE =
  /\b(?:HeronError|FatalUserError(?:\.of)?|refuse)\((?:\s|\w+,)*"(\w+)"|\bcode: "([a-z_]+)"|^\s*(?:\? |: |return )"([a-z_]+)"/gm;
/** Where a test looks for one. */
const LOOKED_FOR = /\bcode(?:: |.*\.toBe\()"([a-z_]+)"|\bcode ([a-z_]+)\b/g;

const files = await repositoryFiles();

function codesIn(pattern: RegExp, isWanted: (path: string) => boolean): Set<string> {
  const found = new Set<string>();
  for (const [path, text] of files) {
    if (!isWanted(path)) continue;
    for (const [, ...codes] of text.matchAll(pattern)) {
      for (const code of codes) if (code !== undefined) found.add(code);
    }
  }
  return found;
}

function isSource(path: string): boolean {
  return /^(src|cmd)\/.*\.ts$/.test(path) && !isTest(path) && !path.startsWith("src/simulator/") &&
    !path.includes("/gen/");
}

function isTest(path: string): boolean {
  return path.endsWith("_test.ts") || path.endsWith("/conformance.ts");
}

test("each error code is made somewhere", () => {
  const made = codesIn(MADE, isSource);
  expect(ERROR_CODES.filter((code) => !made.has(code))).toEqual([]);
});

test("each error that is made has a code of the list", () => {
  const made = codesIn(/\b(?:HeronError|FatalUserError(?:\.of)?)\((?:\s|\w+,)*"(\w+)"/g, isSource);
  expect([...made].filter((code) => !isErrorCode(code))).toEqual([]);
});

test("each error code is looked for by a test", () => {
  const found = codesIn(LOOKED_FOR, isTest);
  expect(ERROR_CODES.filter((code) => !found.has(code))).toEqual([]);
});
