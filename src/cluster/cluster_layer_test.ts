/** Tests of what each layer says. */

import { expect, test } from "bun:test";
import {
  builtInLayer,
  type ClusterLayer,
  commandLineLayer,
  defaultLayer,
  fileLayer,
} from "./cluster_layer.ts";
import { readYaml } from "./cluster_yaml.ts";

function layerOfText(text: string): ClusterLayer {
  const reading = readYaml(text);
  if (!("tree" in reading)) throw new Error(reading.fault);
  return fileLayer({ file: "a.yaml", text, tree: reading.tree });
}

/** Paths with what was given. */
function given({ entries }: ClusterLayer): Record<string, unknown> {
  return Object.fromEntries(entries.map(({ path, raw }) => [path, raw]));
}

/** Lines and paths of what is wrong. */
function faultsOf({ faults }: ClusterLayer): readonly string[] {
  return faults.map(({ origin, path, text }) =>
    `${origin.type === "file" ? origin.line : origin.type} ${path}: ${text}`
  );
}

test("fileLayer() takes sections and dots for the same, with the line of each key", () => {
  const layer = layerOfText(`scheduler:
  type: slurm
  slurm.time.limit: 12h
  slurm:
    mail: {user: ann, type: [END]}
state.root: /a
uploader:
  # folder: /b
`);
  expect(given(layer)).toEqual({
    "scheduler.type": "slurm",
    "scheduler.slurm.time.limit": "12h",
    "scheduler.slurm.mail.user": "ann",
    "scheduler.slurm.mail.type": ["END"],
    "state.root": "/a",
  });
  const lines = layer.entries.map(({ origin }) => origin.type === "file" && origin.line);
  expect(lines).toEqual([2, 3, 5, 5, 6]);
  expect(faultsOf(layer)).toEqual([]);
});

test("fileLayer() tells all faults, each with its line", () => {
  const layer = layerOfText(`schedular:
  type: slurm
scheduler:
  slurm: main
  type: local
  type: slurm
  folder: /a
scheduler.folder: /b
`);
  expect(faultsOf(layer)).toEqual([
    "6 scheduler.type: found it a second time, expected it once",
    '1 schedular: found no such key, expected "scheduler"?',
    '4 scheduler.slurm: found "main", expected keys below it',
    "8 scheduler.folder: found it a second time, expected it once",
  ]);
});

test("fileLayer() takes Heron's tunables, and warns of those that change nothing", () => {
  const layer = layerOfText(`internals:
  heron.metrics.export.interval.sec: 60
  heron:
    logging:
      directory: logs
      maximum.files: 3
  metrics.export.interval.ms: 500
`);
  expect(layer.entries).toMatchObject([{
    path: "internals.metrics.export.interval.ms",
    raw: 60,
    heron: { path: "internals.heron.metrics.export.interval.sec" },
  }]);
  expect(faultsOf(layer)).toEqual([
    "7 internals.metrics.export.interval.ms: found it a second time as " +
    '"internals.heron.metrics.export.interval.sec", expected it once',
  ]);
  expect(layer.warnings.map(({ path }) => path)).toEqual(["internals.heron.logging"]);
});

test("commandLineLayer() takes the last of a key, and all of a list that grows", () => {
  const layer = commandLineLayer([
    ["--config", "state.root=/a=b"],
    ["--config", "state.root=/c=d"],
    ["--slurm", "time=30"],
    ["--slurm", "extra.lines=a"],
    ["--slurm", "extra.lines=b=1,2"],
    ["--slurm", "partition="],
  ]);
  expect(given(layer)).toEqual({
    "state.root": "/c=d",
    "scheduler.slurm.time.limit": "30",
    "scheduler.slurm.extra.lines": ["a", "b=1,2"],
    "scheduler.slurm.partition": "",
  });
  expect(layer.entries.map(({ origin }) => origin)).toContainEqual({
    type: "command_line",
    flag: "--slurm",
  });
});

test("commandLineLayer() refuses what sets nothing", () => {
  const layer = commandLineLayer([["--config", "state.root"], ["--slurm", "partion=a"], [
    "--config",
    "=x",
  ], ["--config", "state="]]);
  expect(faultsOf(layer)).toEqual([
    'command_line state.root: found no "=", expected KEY=VALUE',
    'command_line scheduler.slurm.partion: found no such key, expected "scheduler.slurm.partition"?',
    "command_line : found no such key, expected one of scheduler, state, uploader, packing, internals, metrics",
    "command_line state: found nothing, expected keys below it",
  ]);
});

test("defaultLayer() has the keys of each sink that others name", () => {
  const layer = defaultLayer([commandLineLayer([["--config", "metrics.sinks.mine.files.max=1"]])]);
  expect(given(layer)).toMatchObject({
    "metrics.sinks.file-sink.files.max": 5,
    "metrics.sinks.mine.files.max": 5,
    "internals.net.ping.ms": 3000,
  });
});

test("builtInLayer() is empty for other clusters", () => {
  expect(given(builtInLayer("slurm"))).toEqual({ "scheduler.type": "slurm" });
  expect(given(builtInLayer("constructor"))).toEqual({});
});
