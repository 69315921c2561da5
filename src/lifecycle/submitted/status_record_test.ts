import { expect, test } from "bun:test";
import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import { ManualClock } from "../../base/mod.ts";
import { readSchedulerStatus } from "../../plan/mod.ts";
import { openMemory } from "../../state/mod.ts";
import { StatusRecord } from "./status_record.ts";

const FIRST = { topologyId: "words-1", epoch: 1, host: "here", pid: 7, startTime: 5n };

test("StatusRecord keeps the last ends and counts all, and cuts long reasons", async () => {
  await using state = openMemory();
  const clock = new ManualClock();
  const record = new StatusRecord({
    state,
    path: "heron-bin/status",
    clock,
    first: FIRST,
    onFault() {},
  });
  record.begin(undefined);
  for (let index = 0; index < 40; index++) {
    const reason = "x".repeat(5000);
    record.unasked({ process: `p${index}`, code: "", reason, logFile: "", restarts: true });
  }
  record.phase(Phase.RUNNING, { tasks: 3 });
  const stored = record.stored(1000);
  await clock.advance(0);
  await stored;
  const found = await state.get("heron-bin/status");
  const status = readSchedulerStatus(found?.bytes ?? new Uint8Array());
  expect(status).toMatchObject({ ...FIRST, phase: Phase.RUNNING, tasks: 3, unaskedEnds: 40 });
  expect(status.ends.map(({ process }) => process)).toEqual(
    Array.from({ length: 16 }, (_, index) => `p${24 + index}`),
  );
  expect(status.ends[0]?.reason.length).toBe(1001);
});

test("StatusRecord says once that a container is to restart so often", () => {
  const record = new StatusRecord({
    state: openMemory(),
    path: "heron-bin/status",
    clock: new ManualClock(),
    first: FIRST,
    onFault() {},
  });
  expect(record.restart(1, 1)).toBe(true);
  expect(record.restart(1, 1)).toBe(false);
  expect(record.restart(2, 3)).toBe(true);
  expect(record.restart(2, 2)).toBe(false);
  expect(record.restart(1, 2)).toBe(true);
});
