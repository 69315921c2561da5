import { expect, test } from "bun:test";
import { systemClock } from "../../base/mod.ts";
import { createCommandRunner } from "./run_command.ts";

const run = createCommandRunner({
  clock: systemClock,
  environment: { PATH: "/usr/bin:/bin", WORD: "hello" },
  timeoutMs: 60_000,
});

test("a command gives what it printed, its exit code, and has only its environment", async () => {
  const outcome = await run(["sh", "-c", 'echo "$WORD $HOME"; echo bad >&2; exit 3']);
  expect(outcome).toEqual({ code: 3, signal: "", stdout: "hello \n", stderr: "bad\n" });
});

test("a command that is not there is told", async () => {
  await expect(run(["no_such_program"])).rejects.toMatchObject({
    code: "not_found",
    message:
      'Run "no_such_program": no such program in PATH, expected Slurm\'s commands on this machine',
  });
});

test("a command that does not end in time is killed", async () => {
  const short = createCommandRunner({
    clock: systemClock,
    environment: { PATH: "/usr/bin:/bin" },
    timeoutMs: 50,
  });
  await expect(short(["sleep", "100"])).rejects.toMatchObject({
    code: "timeout",
    message: 'Run "sleep": no answer within 0.05 s, expected Slurm\'s controller to answer',
  });
});

test("a command that prints without end is cut off", async () => {
  await expect(run(["yes"])).rejects.toMatchObject({ code: "limit" });
});
