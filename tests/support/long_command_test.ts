/** The long commands as a shell calls them. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { ROOT } from "./repository.ts";

const COMMANDS = ["tests/soak/soak.ts", "tests/chaos/chaos.ts", "tests/simulation/simulate.ts"];

function run(command: string, ...args: string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync([
    process.execPath,
    join(ROOT, command),
    ...args,
  ]);
  return { exitCode, out: stdout.toString(), err: stderr.toString() };
}

for (const command of COMMANDS) {
  test(`${command} says what it takes, and what is wrong with what it was given`, () => {
    const help = run(command, "--help");
    expect(help).toMatchObject({ exitCode: 0, err: "" });
    expect(help.out).toStartWith("bun run ");
    for (const args of [["--nonsense"], ["--seed", "x"], ["--seeds", "0", "--minutes", "-1"]]) {
      const wrong = run(command, ...args);
      expect(wrong).toMatchObject({ exitCode: 2, out: "" });
      expect(wrong.err).toEndWith(help.out);
      expect(wrong.err.split("\n").findIndex((line) => line === "")).toBe(1);
    }
  });
}
