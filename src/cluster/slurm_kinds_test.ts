/** Tests of the kinds of value of Slurm's keys. */

import { expect, test } from "bun:test";
import {
  INTERFACE,
  keyOfOption,
  MAIL_TYPE_LIST,
  NETWORK,
  SBATCH_OPTIONS,
  TIME_LIMIT,
} from "./slurm_kinds.ts";

const HOUR_MS = 3_600_000;

test.each<readonly [unknown, number]>([
  ["90m", 1.5 * HOUR_MS],
  ["12h", 12 * HOUR_MS],
  ["600h", 600 * HOUR_MS],
  [30, HOUR_MS / 2],
  ["30", HOUR_MS / 2],
  ["30:30", 30.5 * 60_000],
  ["1:30:00", 1.5 * HOUR_MS],
  ["2-0", 48 * HOUR_MS],
  ["1-12:30", 36.5 * HOUR_MS],
  ["1-12:30:30", 36.5 * HOUR_MS + 30_000],
])("TIME_LIMIT reads %p", (raw, ms) => expect(TIME_LIMIT.read(raw)).toEqual({ value: ms }));

test("TIME_LIMIT refuses what is no time, too short or too long", () => {
  for (const raw of ["", "0", 0, "59s", "0:59", "UNLIMITED", "1-", "-1", "1:2:3:4", "400-0", null]) {
    expect(TIME_LIMIT.read(raw)).toHaveProperty("expected");
  }
});

test("INTERFACE takes names of interfaces as the kernel has them", () => {
  for (const name of ["eth0", "ib0", "bond0.100", "enp3s0f1", "eth0:1"]) {
    expect(INTERFACE.read(name)).toEqual({ value: name });
  }
  for (const name of ["", "a/b", "sixteen-letters-", "a b", "-a", 0]) {
    expect(INTERFACE.read(name)).toHaveProperty("expected");
  }
});

test("NETWORK takes CIDR of both families", () => {
  for (const cidr of ["10.0.0.0/8", "192.168.1.7/32", "0.0.0.0/0", "fd00::/8", "::1/128"]) {
    expect(NETWORK.read(cidr)).toEqual({ value: cidr });
  }
  for (const cidr of ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "a/8", "/8", "1.2.3.4/"]) {
    expect(NETWORK.read(cidr)).toHaveProperty("expected");
  }
});

test("MAIL_TYPE_LIST takes sbatch's words, divided by commas too", () => {
  expect(MAIL_TYPE_LIST.read("END,FAIL")).toEqual({ value: ["END", "FAIL"] });
  expect(MAIL_TYPE_LIST.read(["ALL"])).toEqual({ value: ["ALL"] });
  expect(MAIL_TYPE_LIST.read(["end"])).toHaveProperty("expected");
});

test("SBATCH_OPTIONS takes options, but those that have a key or are heron-bin's own", () => {
  const options = ["--exclusive", "--comment=a,b c", "-s", "--licenses=x:2"];
  expect(SBATCH_OPTIONS.read(options)).toEqual({ value: options });
  expect(SBATCH_OPTIONS.read("--comment=a,b")).toEqual({ value: ["--comment=a,b"] });
  const faults: readonly (readonly [string, string])[] = [
    ["exclusive", 'an option of sbatch, such as "--exclusive"'],
    ["--a\n#SBATCH --b", 'an option of sbatch, such as "--exclusive"'],
    ["--partition=main", 'has the key "scheduler.slurm.partition"'],
    ["-pmain", 'has the key "scheduler.slurm.partition"'],
    ["--time 3", 'has the key "scheduler.slurm.time.limit"'],
    ["--ntasks=3", "heron-bin sets itself"],
    ["-N3", "heron-bin sets itself"],
  ];
  for (const [option, expected] of faults) {
    expect(JSON.stringify(SBATCH_OPTIONS.read([option]))).toContain(JSON.stringify(expected).slice(1, -1));
  }
});

test("keyOfOption() knows the keys by their names in sbatch", () => {
  expect(["time", "job-name", "partition"].map(keyOfOption))
    .toEqual(["time.limit", "job.name", "partition"]);
  expect(["ntasks", "constructor", ""].map(keyOfOption)).toEqual([undefined, undefined, undefined]);
});
