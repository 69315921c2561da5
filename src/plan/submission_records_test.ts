import { expect, test } from "bun:test";
import { Activation, Phase } from "../base/gen/heron_bin/submission_pb.ts";
import {
  readSchedulerStatus,
  readSubmission,
  readWanted,
  schedulerStatusRecord,
  submissionRecord,
  wantedRecord,
} from "./submission_records.ts";

const SUBMISSION = {
  topologyName: "words",
  topologyId: "words-1",
  scheduler: "local",
  folder: "/home/ann/words",
  packageUri: "file:///packages/words",
  submittedMs: 1_700_000_000_000n,
};

test("the records of a submission are read as they were written", () => {
  expect(readSubmission(submissionRecord(SUBMISSION))).toMatchObject(SUBMISSION);
  const wanted = { activation: Activation.PAUSED, endReason: "killed by ann" };
  expect(readWanted(wantedRecord(wanted))).toMatchObject({ ...wanted, restarts: [] });
  const status = {
    topologyId: "words-1",
    epoch: 3,
    host: "here",
    pid: 7,
    startTime: 99n,
    phase: Phase.RUNNING,
    phaseMs: 5n,
    code: "",
    reason: "",
    restarts: [],
    ends: [],
    unaskedEnds: 2,
    containers: 1,
    tasks: 4,
    waiting: [],
  };
  expect(readSchedulerStatus(schedulerStatusRecord(status))).toMatchObject(status);
});

test("a record that is empty, or says nothing of use, is damaged", () => {
  for (const read of [readSubmission, readWanted, readSchedulerStatus]) {
    for (const bytes of [new Uint8Array(), new Uint8Array([255, 255]), new Uint8Array([8])]) {
      expect(() => read(bytes)).toThrow("Read ");
    }
  }
  const elsewhere = submissionRecord({ ...SUBMISSION, folder: "relative" });
  expect(() => readSubmission(elsewhere)).toThrow('folder "relative", expected both');
});
