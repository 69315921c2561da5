import { expect, test } from "bun:test";
import { wordsOfJob } from "./job_words.ts";

function told(state: string, reason = "None"): string {
  const { text, advice, isHopeless } = wordsOfJob({ state, reason });
  return [text, advice, ...(isHopeless ? ["hopeless"] : [])].join(" / ");
}

test("wordsOfJob() says why a job waits, and when it waits for ever", () => {
  expect(told("PENDING", "Resources"))
    .toBe("it waits for nodes, CPUs or memory to become free (Resources) / ");
  expect(told("PENDING", "PartitionTimeLimit")).toBe(
    "it waits: its time limit is above that of the partition (PartitionTimeLimit) / " +
      'ask for less time (time.limit; "sinfo" shows the limits), or for another partition / hopeless',
  );
  expect(told("PENDING", "ReqNodeNotAvail, UnavailableNodes:n[2-3]")).toBe(
    "it waits: a node that it needs is down, drained or reserved, UnavailableNodes:n[2-3] " +
      '(ReqNodeNotAvail, UnavailableNodes:n[2-3]) / look at "sinfo -R"; wait, or ask for other nodes',
  );
  expect(told("PENDING", "QOSMaxWallDurationPerJobLimit"))
    .toContain("it asks for more than the QOS allows");
  for (const code of ["AssocMaxCpuPerJobLimit", "QOSMaxNodePerJobLimit", "MaxMemPerLimit"]) {
    expect(told("PENDING", code)).toMatch(/^it waits: it asks for more .* \/ hopeless$/);
  }
  expect(told("PENDING", "QOSMinCpuNotSatisfied")).toContain("it asks for less than the QOS wants");
  for (const code of ["AssocMaxJobsLimit", "QOSMaxJobsPerUserLimit", "QOSMaxNodePerUserLimit"]) {
    expect(told("PENDING", code)).toMatch(/ has as much as it may at a time \(\w+\) \/ $/);
  }
  for (const code of ["JobHeldUser", "JobHeldAdmin", "job requeued in held state"]) {
    expect(told("PENDING", code)).toEndWith("/ hopeless");
  }
  for (const code of ["BeginTime", "Dependency", "Reservation", "ReqNodeNotAvail", "Licenses"]) {
    expect(told("PENDING", code)).not.toContain("hopeless");
  }
  expect(told("PENDING", "AssocGrpCpuLimit")).toContain(
    "your account has as much as it may at a time",
  );
  expect(told("PENDING", "SomethingNew")).toBe(
    "it waits: Slurm gives a reason of its own (SomethingNew) / ",
  );
});

test("wordsOfJob() says how a job ended", () => {
  expect(told("RUNNING")).toBe("it runs / ");
  expect(told("COMPLETED")).toBe("it has ended by itself / ");
  expect(told("CANCELLED")).toBe("it was cancelled, by its user or by an administrator / ");
  expect(told("CANCELLED", "PartitionConfig")).toContain(
    "; before, it asks for more nodes, CPUs, memory or time than the partition has",
  );
  expect(told("TIMEOUT", "TimeLimit")).toBe(
    "it ran out of its time limit (TimeLimit) / ask for more time",
  );
  expect(told("FAILED", "NonZeroExitCode")).toBe(
    "it failed: its script ended with an error (NonZeroExitCode) / look into its log",
  );
  expect(told("NODE_FAIL")).toBe("a node of it failed / ");
  // It ended, so nothing is waited for any more.
  expect(told("FAILED", "BadConstraints")).not.toContain("hopeless");
  expect(told("NEW_STATE")).toBe("Slurm calls it NEW_STATE / ");
});
