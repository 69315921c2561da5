import { expect, test } from "bun:test";
import {
  hasEnded,
  hasLostScript,
  isOnNodes,
  parseAccounts,
  parseDuration,
  parseQueue,
} from "./job_state.ts";

// As Slurm 22.05.8 printed it.
const QUEUE = `\
10|CANCELLED|None|n[1-2]|UNLIMITED|UNLIMITED|main|root|2026-11-22T11:44:42|n1|(null)
21|RUNNING|None|n1|1:02:03|2:00:00|main|nobody|2026-11-22T11:41:51|n1|heron-bin words-1|x
22|PENDING|ReqNodeNotAvail, UnavailableNodes:n2||2-00:00:00|2-00:00:00|main|root|N/A|n/a|heron-bin words-2
`;

test("parseQueue() reads each job; a comment may hold the separator", () => {
  const [cancelled, running, pending] = parseQueue(QUEUE);
  expect(cancelled).toEqual({
    jobId: "10",
    state: "CANCELLED",
    reason: "None",
    nodeList: "n[1-2]",
    secondsLeft: undefined,
    timeLimit: "UNLIMITED",
    partition: "main",
    user: "root",
    startTime: "2026-11-22T11:44:42",
    batchNode: "n1",
    comment: "",
  });
  expect(running).toMatchObject({
    state: "RUNNING",
    secondsLeft: 3723,
    user: "nobody",
    comment: "heron-bin words-1|x",
  });
  expect(pending).toMatchObject({
    reason: "ReqNodeNotAvail, UnavailableNodes:n2",
    nodeList: "",
    startTime: "",
    batchNode: "",
    secondsLeft: 172_800,
  });
});

test("parseQueue() says what is no answer of squeue", () => {
  expect(parseQueue("")).toEqual([]);
  expect(() => parseQueue("slurm is upgrading\n")).toThrow("expected 11 fields");
  for (let cut = 1; cut < QUEUE.indexOf("\n") - 6; cut++) {
    expect(() => parseQueue(QUEUE.slice(0, cut))).toThrow("expected 11 fields");
  }
});

test("parseAccounts() reads jobs, not steps, and cuts what follows a state", () => {
  const output = `\
31|CANCELLED by 1000|None|n[1-2]|01:00:00|main|who|2026-11-22T10:00:00|heron-bin words-1
31.batch|CANCELLED||n1|||||
32|OUT_OF_ME+|OutOfMemory|None assigned|UNLIMITED|main|who|Unknown|
`;
  expect(parseAccounts(output)).toEqual([
    {
      jobId: "31",
      state: "CANCELLED",
      reason: "None",
      nodeList: "n[1-2]",
      secondsLeft: undefined,
      timeLimit: "01:00:00",
      partition: "main",
      user: "who",
      startTime: "2026-11-22T10:00:00",
      batchNode: "",
      comment: "heron-bin words-1",
    },
    {
      jobId: "32",
      state: "OUT_OF_ME",
      reason: "OutOfMemory",
      nodeList: "",
      secondsLeft: undefined,
      timeLimit: "UNLIMITED",
      partition: "main",
      user: "who",
      startTime: "",
      batchNode: "",
      comment: "",
    },
  ]);
});

test("parseDuration() reads Slurm's times, and no others", () => {
  expect(parseDuration("0:00")).toBe(0);
  expect(parseDuration("1:05")).toBe(65);
  expect(parseDuration("2:00:00")).toBe(7200);
  expect(parseDuration("364-23:59:30")).toBe(364 * 86_400 + 86_370);
  for (const text of ["UNLIMITED", "NOT_SET", "INVALID", "", "5", "-1:00"]) {
    expect(parseDuration(text)).toBeUndefined();
  }
});

test("hasLostScript() knows a job that runs on without the node of its script", () => {
  const job = { state: "RUNNING", nodeList: "n[1-3]", batchNode: "n1" };
  expect(hasLostScript(job)).toBe(false);
  expect(hasLostScript({ ...job, nodeList: "n[2-3]" })).toBe(true);
  expect(hasLostScript({ ...job, nodeList: "n[2-3]", state: "COMPLETING" })).toBe(false);
  expect(hasLostScript({ ...job, nodeList: "", state: "PENDING" })).toBe(false);
  expect(hasLostScript({ ...job, batchNode: "" })).toBe(false);
});

test("a job is over, or on its nodes, or neither", () => {
  expect(["PENDING", "RUNNING", "COMPLETING", "COMPLETED", "TIMEOUT"].map((state) => [
    hasEnded({ state }),
    isOnNodes({ state }),
  ])).toEqual([[false, false], [false, true], [false, true], [true, false], [true, false]]);
});
