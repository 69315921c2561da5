/** Tests of the kinds of value of Slurm's keys. */

import { expect, test } from "bun:test";
import {
  CONSTRAINT,
  EXTRA_LINES,
  INTERFACE,
  JOB_NAME,
  keyOfOption,
  MAIL_TYPE_LIST,
  MAIL_USER,
  NAMES,
  NETWORK,
  NODES,
  RESOURCES,
  slurmTimeMs,
  TIME_LIMIT,
} from "./slurm_kinds.ts";
import type { Kind } from "./value_kinds.ts";

const WORDS: readonly (readonly [kind: Kind<string>, texts: readonly string[]])[] = [
  [NAMES, ["main", "main,long", "proj-7", "007"]],
  [CONSTRAINT, ["a100&nvme", "[rack1|rack2]*2", "!old"]],
  [RESOURCES, ["gpu:2", "gpu:a100:2,shard:1"]],
  [NODES, ["n1", "n[1-3],n7"]],
  [JOB_NAME, ["words at night", "a=b/c"]],
  [MAIL_USER, ["ann", "who+x@example.org"]],
];
/** What would be more than one word of its line, or another option. */
const MORE_THAN_A_WORD: readonly unknown[] = [
  ...['a" --wrap="id', "a\n#SBATCH --uid=0", "a b\rc", "$(id)", "`id`", "a;b", "a\\", "--uid=0"],
  ...["-p", "", "\0", "ä\u2028", 7, true, ["a"], { a: 1 }],
];

test("what is asked of Slurm stays one word", () => {
  for (const [kind, texts] of WORDS) {
    for (const value of texts) expect(kind.read(value)).toEqual({ value });
    for (const raw of MORE_THAN_A_WORD) {
      expect([raw, "value" in kind.read(raw)]).toEqual([raw, false]);
    }
  }
});

test.each<readonly [unknown, string]>([
  ["90m", "01:30:00"],
  ["12h", "12:00:00"],
  ["600h", "25-00:00:00"],
  ["61500ms", "00:01:02"],
  [30, "30"],
  ["30:30", "30:30"],
  ["1:30:00", "1:30:00"],
  ["2-0", "2-0"],
  ["1-12:30:30", "1-12:30:30"],
  ["unlimited", "UNLIMITED"],
])("TIME_LIMIT reads %p", (raw, value) => expect(TIME_LIMIT.read(raw)).toEqual({ value }));

test("TIME_LIMIT refuses what is no time, too short or too long", () => {
  for (const raw of ["", "0", 0, "59s", "0:59", "1-", "-1", "1:2:3:4", "400-0", "x", null]) {
    expect(TIME_LIMIT.read(raw)).toHaveProperty("expected");
  }
});

test("slurmTimeMs() reads Slurm's spellings", () => {
  const hours = ["90", "30:30", "1:30:00", "2-0", "1-12:30", "1-12:30:30", "UNLIMITED"]
    .map((text) => (slurmTimeMs(text) ?? NaN) / 3_600_000);
  expect(hours).toEqual([1.5, 1830 / 3600, 1.5, 48, 36.5, 36.5 + 30 / 3600, NaN]);
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
  for (const cidr of ["10.0.0.0", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "a/8", "1.2.3.4/"]) {
    expect(NETWORK.read(cidr)).toHaveProperty("expected");
  }
});

test("MAIL_TYPE_LIST takes sbatch's words, divided by commas too", () => {
  expect(MAIL_TYPE_LIST.read("END,FAIL")).toEqual({ value: ["END", "FAIL"] });
  expect(MAIL_TYPE_LIST.read(["ALL"])).toEqual({ value: ["ALL"] });
  expect(MAIL_TYPE_LIST.read(["end"])).toHaveProperty("expected");
});

test("EXTRA_LINES takes commands and options, but those that have a key or are heron-bin's own", () => {
  const lines = ["module load x/1.2", "#SBATCH --nice=5 -s", '#SBATCH --x="a -n b"', 'A="$B"\t#'];
  expect(EXTRA_LINES.read(lines)).toEqual({ value: lines });
  expect(EXTRA_LINES.read("echo a,b")).toEqual({ value: ["echo a,b"] });
  const oneLine = "one line of at most 1000 printable characters";
  const faults: readonly (readonly [string, string])[] = [
    ["", oneLine],
    ["two\nlines", oneLine],
    ["x".repeat(1001), oneLine],
    ["#SBATCH --partition=main", 'no --partition: it has the key "scheduler.slurm.partition"'],
    ["#SBATCH -pmain", 'no -p: it has the key "scheduler.slurm.partition"'],
    ["#SBATCH --nice --time 3", 'no --time: it has the key "scheduler.slurm.time.limit"'],
    ["#SBATCH --ntasks=9", "no --ntasks: heron-bin sets it itself"],
    ["#SBATCH -N 4", "no -N: heron-bin sets it itself"],
  ];
  for (const [line, expected] of faults) {
    expect(EXTRA_LINES.read([line])).toEqual({ expected: `a list, each item ${expected}` });
  }
});

test("keyOfOption() knows the keys by their names in sbatch", () => {
  expect(["time", "job-name", "partition"].map(keyOfOption))
    .toEqual(["time.limit", "job.name", "partition"]);
  expect(["ntasks", "constructor", ""].map(keyOfOption)).toEqual([undefined, undefined, undefined]);
});
