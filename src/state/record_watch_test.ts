import { expect, test } from "bun:test";
import { HeronError } from "../base/mod.ts";
import { RecordWatch } from "./record_watch.ts";
import type { Versioned } from "./state_manager.ts";

function value(version: string): Versioned {
  return { bytes: new Uint8Array(), version };
}

/** A watch whose reads end when the test says so. */
function watched() {
  const reads: PromiseWithResolvers<Versioned | undefined>[] = [];
  const told: (string | undefined)[] = [];
  const faults: HeronError[] = [];
  const counts = { closed: 0 };
  const watch = new RecordWatch({
    listener: (one) => void told.push(one?.version),
    read: () => {
      const read = Promise.withResolvers<Versioned | undefined>();
      reads.push(read);
      return read.promise;
    },
    onFault: (error) => void faults.push(error),
    onClose: () => void counts.closed++,
  });
  const turn = () => new Promise<void>((resolve) => void setImmediate(resolve));
  return { watch, reads, told, faults, counts, turn };
}

test("RecordWatch reads one at a time and once more after a change in between", async () => {
  const { watch, reads, told, turn } = watched();
  const started = watch.start();
  watch.refresh();
  watch.refresh();
  expect(reads.length).toBe(1);
  reads[0]?.resolve(value("1"));
  await started;
  expect([told, reads.length]).toEqual([["1"], 2]);
  watch.refresh();
  reads[1]?.resolve(value("2"));
  await turn();
  expect([told, reads.length]).toEqual([["1", "2"], 3]);
  reads[2]?.resolve(value("2"));
  await turn();
  expect([told, reads.length]).toEqual([["1", "2"], 3]);
});

test("RecordWatch tells a deletion once", async () => {
  const { watch, reads, told, turn } = watched();
  const started = watch.start();
  reads[0]?.resolve(undefined);
  await started;
  for (const next of [undefined, value("1"), undefined, undefined]) {
    watch.refresh();
    reads.at(-1)?.resolve(next);
    await turn();
  }
  expect(told).toEqual([undefined, "1", undefined]);
});

test("RecordWatch reports a read that fails and goes on with the next", async () => {
  const { watch, reads, told, faults, turn } = watched();
  const started = watch.start();
  reads[0]?.resolve(value("1"));
  await started;
  watch.refresh();
  reads[1]?.reject(new HeronError("io", "Reading: found none"));
  await turn();
  expect(faults.map(({ code }) => code)).toEqual(["io"]);
  watch.refresh();
  reads[2]?.resolve(value("2"));
  await turn();
  expect(told).toEqual(["1", "2"]);
});

test("RecordWatch.start() rejects with what the first read throws, and closes", async () => {
  const { watch, reads, counts } = watched();
  const started = watch.start();
  reads[0]?.reject(new HeronError("io", "Reading: found none"));
  await expect(started).rejects.toThrow("Reading: found none");
  expect(counts.closed).toBe(1);
});

test("RecordWatch.close() silences a read that is under way", async () => {
  const { watch, reads, told, counts, turn } = watched();
  const started = watch.start();
  watch.close();
  watch.close();
  reads[0]?.resolve(value("1"));
  await started;
  watch.refresh();
  await turn();
  expect([told, reads.length, counts.closed]).toEqual([[], 1, 1]);
});

test("RecordWatch.look() reads only what is not current", async () => {
  const { watch, reads, told, turn } = watched();
  const asked: (string | undefined)[] = [];
  const isCurrent = (answer: boolean) => (version: string | undefined) => {
    asked.push(version);
    return answer;
  };
  const started = watch.start();
  reads[0]?.resolve(undefined);
  await started;
  watch.look(isCurrent(true));
  expect(reads.length).toBe(1);
  watch.look(isCurrent(false));
  reads[1]?.resolve(value("1"));
  await turn();
  watch.look(isCurrent(true));
  expect([told, asked, reads.length]).toEqual([[undefined, "1"], [undefined, undefined, "1"], 2]);
});
