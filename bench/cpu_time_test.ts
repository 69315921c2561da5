/** The texts of /proc, with what makes them hard to read; and this very process. */

import { expect, test } from "bun:test";
import {
  cpuBetween,
  parseMachineStat,
  parseSchedstat,
  parseStat,
  sampleMachine,
  sampleProcess,
} from "./cpu_time.ts";

test("parseSchedstat() takes the time on the processor", () => {
  expect(parseSchedstat("351304 90525 1\n")).toBe(351304);
});

test("parseStat() is not led astray by a name with spaces and brackets", () => {
  const text = "7 (a ) b (c) S 1 7 7 0 -1 4194304 100 0 0 0 12 34 0 0 20 0 9 0 5 6 7\n";
  expect(parseStat(text)).toBe(460_000_000);
});

test("parseMachineStat() leaves idle and waiting out, and tells steal apart", () => {
  const text = "cpu  100 20 30 4000 50 6 7 8 0 0\ncpu0 1 2 3\n";
  const { busyS, stealS } = parseMachineStat(text);
  expect(busyS).toBeCloseTo(1.63);
  expect(stealS).toBeCloseTo(0.08);
});

test("cpuBetween() sums the threads, new ones from 0", () => {
  const before = { threads: new Map([[1, 100], [2, 50]]), statNs: 0 };
  const after = { threads: new Map([[1, 170], [2, 50], [3, 9]]), statNs: 0 };
  expect(cpuBetween(before, after)).toBe(79);
  expect(cpuBetween(undefined, after)).toBe(229);
});

test("cpuBetween() goes by stat where a thread has ended", () => {
  const before = { threads: new Map([[1, 0], [2, 1_000_000_000]]), statNs: 1_000_000_000 };
  const after = { threads: new Map([[1, 500_000_000]]), statNs: 2_000_000_000 };
  expect(cpuBetween(before, after)).toBe(980_000_000);
});

test("sampleProcess() sees what a process uses, and that it is gone", () => {
  const before = sampleProcess(process.pid);
  const machine = sampleMachine();
  const end = process.cpuUsage().user + 60_000;
  while (process.cpuUsage().user < end);
  const after = sampleProcess(process.pid);
  if (after === undefined) throw new Error("Sample this process: it is not there");
  const usedNs = cpuBetween(before, after);
  expect(usedNs).toBeGreaterThan(30_000_000);
  expect(sampleMachine().busyS).toBeGreaterThan(machine.busyS);
  expect(sampleProcess(2 ** 30)).toBeUndefined();
});
