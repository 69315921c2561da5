/** Tests of the documented exit codes. */

import { expect, test } from "bun:test";
import { ERROR_CODES, HeronError } from "../src/base/mod.ts";
import { describeExitCodes, exitCodesHelp } from "./exit_codes.ts";

test("exitCodesHelp() names every error code", () => {
  const help = exitCodesHelp();
  for (const code of ERROR_CODES) {
    expect(help).toMatch(new RegExp(`[( ]${code}[,)]`));
    expect(help).toMatch(new RegExp(`^ +${new HeronError(code, "").exitCode}  `, "m"));
  }
});

test("describeExitCodes() shows those asked for", () => {
  expect(describeExitCodes([0, 2]).split("\n").length).toBe(3);
});
