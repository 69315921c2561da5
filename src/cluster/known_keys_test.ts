/** Tests of what a path in a cluster file is. */

import { expect, test } from "bun:test";
import { innerOf, INTERNAL_PATHS, knownPath, namesIn } from "./known_keys.ts";

test("knownPath() tells keys, sections and what has no effect", () => {
  const types: readonly string[] = [
    "scheduler.type",
    "metrics.sinks.my-sink.files.max",
    "internals.net.ping.ms",
    "internals.heron.metrics.export.interval.sec",
    "scheduler",
    "scheduler.slurm.mail",
    "metrics.sinks.my-sink",
    "internals.heron.metrics",
    "internals.heron.logging.directory",
    "internals.heron.logging",
  ].map((path) => knownPath(path).type);
  expect(types).toEqual([
    ...Array.from({ length: 4 }, () => "key"),
    ...Array.from({ length: 4 }, () => "section"),
    ...Array.from({ length: 2 }, () => "without_effect"),
  ]);
});

test("knownPath() leads Heron's names to the keys that they set", () => {
  expect(knownPath("internals.heron.metrics.export.interval.sec")).toMatchObject({
    path: "internals.metrics.export.interval.ms",
    heron: { factor: 1000 },
  });
});

test.each([
  ["schedular", '"scheduler"?'],
  ["scheduler.slurm.partion", '"scheduler.slurm.partition"?'],
  ["scheduler.slrum.partition", '"scheduler.slurm.partition"?'],
  ["partition", '"scheduler.slurm.partition"?'],
  ["slurm.qos", '"scheduler.slurm.qos"?'],
  ["internals.net.pings.ms", '"internals.net.ping.ms"?'],
  ["metrics.sinks.file-sink.file.max", '"metrics.sinks.file-sink.files.max"?'],
  ["metrics.sinks.File.type", "a name of a sink of small letters, digits, - and _"],
  ["heron.statemgr.root.path", '"state.root", as it is called here'],
  [
    "internals.topology.debug",
    "a key of the system: this one belongs to the config of each topology",
  ],
  ["internals.whatever.there.is", "a key of the system's config, or a tunable of Heron's"],
  ["state.colour", "one of type, root"],
  ["constructor", "one of scheduler, state, uploader, packing, internals, metrics"],
  ["", "one of scheduler, state, uploader, packing, internals, metrics"],
])("knownPath() says for %j what was expected", (path, expected) => {
  expect(knownPath(path)).toEqual({ type: "unknown", expected });
});

test("namesIn() and innerOf() go by whole parts of a path", () => {
  expect(namesIn("state").toSorted()).toEqual(["root", "type"]);
  expect(namesIn("metrics.sinks.x")).toContain("files.max");
  expect([innerOf("a.b.c", "a"), innerOf("ab.c", "a"), innerOf("a", "a")])
    .toEqual(["b.c", undefined, undefined]);
  expect(INTERNAL_PATHS.get("internals.net.ping.ms")?.byDefault).toBe(3000);
});
