import { expect, test } from "bun:test";
import { HeronError } from "../base/mod.ts";
import {
  executionStateRecord,
  readExecutionState,
  readSchedulerLocation,
  readTmanagerLocation,
  schedulerLocationRecord,
  tmanagerLocationRecord,
} from "./records.ts";

const GOLDEN = `${import.meta.dir}/../../tests/golden/heron/word_count`;
const TOPOLOGY = {
  topologyName: "WordCount",
  topologyId: "WordCount3314d0c9-6afa-4ea7-aaa6-4f525856a3fc",
};

async function golden(record: string): Promise<Uint8Array> {
  return new Uint8Array(await Bun.file(`${GOLDEN}.${record}.bin`).arrayBuffer());
}

test("executionStateRecord() writes the bytes that Heron wrote", async () => {
  const bytes = executionStateRecord({
    ...TOPOLOGY,
    submittedMs: 1_795_248_981_999,
    user: "root",
    cluster: "local",
    environ: "default",
    role: "root",
    version: "0.20.5-incubating",
  });
  expect(bytes).toEqual(await golden("executionstate"));
  expect(readExecutionState(bytes).submissionTime).toBe(1_795_248_981n);
});

test("tmanagerLocationRecord() writes the bytes that Heron wrote", async () => {
  const bytes = tmanagerLocationRecord({
    ...TOPOLOGY,
    host: "127.0.0.1",
    controllerPort: 33269,
    serverPort: 39351,
    statsPort: 42921,
  });
  expect(bytes).toEqual(await golden("tmanagers"));
  expect(readTmanagerLocation(bytes).serverPort).toBe(39351);
});

test("schedulerLocationRecord() writes the bytes that Heron wrote", async () => {
  const bytes = schedulerLocationRecord({
    topologyName: "WordCount",
    httpEndpoint: "vm:42175",
  });
  expect(bytes).toEqual(await golden("schedulers"));
  expect(readSchedulerLocation(bytes).httpEndpoint).toBe("vm:42175");
});

test("records that are none are refused as corrupt, by name", () => {
  const none = new Uint8Array([0xff, 1, 2]);
  for (
    const [read, name] of [
      [readExecutionState, "the execution state"],
      [readTmanagerLocation, "the topology master's location"],
      [readSchedulerLocation, "the scheduler's location"],
    ] as const
  ) {
    expect(() => read(none)).toThrow(HeronError);
    expect(() => read(none)).toThrow(`Read ${name}: found 3 B`);
  }
});
