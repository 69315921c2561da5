import { expect, test } from "bun:test";
import { RUNTIME_OPTIONS } from "./runtime_options.ts";

test("RUNTIME_OPTIONS are options that the engine knows", () => {
  function exitCodeWith(options: Readonly<Record<string, string>>): number {
    const command = [process.execPath, "-e", "0"];
    return Bun.spawnSync(command, { env: { ...options }, stderr: "ignore" }).exitCode;
  }
  expect(exitCodeWith(RUNTIME_OPTIONS)).toBe(0);
  expect(exitCodeWith({ BUN_JSC_noSuchOption: "1" })).not.toBe(0);
});
