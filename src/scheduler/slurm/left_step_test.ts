import { expect, test } from "bun:test";
import { systemClock } from "../../base/mod.ts";
import { readCommandLine } from "../../base/supervision/mod.ts";
import { findLeftStep } from "./left_step.ts";
import { stepArguments } from "./step_command.ts";

const STEP = { jobId: "21", name: "container-1", node: "n2", cpus: 1, ramMib: undefined };

/** A process that looks like the `srun` of a step with those marks. */
async function startStep(marks: readonly string[]): Promise<Bun.Subprocess> {
  const words = stepArguments({ ...STEP, workingFolder: "/", command: ["container", ...marks] });
  const child = Bun.spawn(["/bin/sh", "-c", "sleep 100; :", "srun", ...words], { detached: true });
  while (!readCommandLine(child.pid).includes(marks[0] ?? "")) await Bun.sleep(1);
  return child;
}

test("findLeftStep() finds the step of this topology, its node, and sees its end", async () => {
  const [marks, others] = [["--job", `/own/${process.pid}`], ["--job", `/other/${process.pid}`]];
  const [own, other] = await Promise.all([startStep(marks), startStep(others)]);
  const found = findLeftStep(STEP, marks, systemClock);
  expect([found.pid, found.node]).toEqual([own.pid, "n2"]);
  found.kill();
  await found.ended;
  await own.exited;
  expect(own.signalCode).toBe("SIGKILL");
  // Nothing is left of it, and the other one was let alone.
  const none = findLeftStep(STEP, marks, systemClock);
  await none.ended;
  expect([none.pid, none.node]).toEqual([0, undefined]);
  expect(other.signalCode).toBeNull();
  process.kill(-other.pid, "SIGKILL");
  await other.exited;
});
