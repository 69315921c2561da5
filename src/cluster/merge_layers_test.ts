/** Tests of laying layers on each other, by examples and by chance. */

import { expect, test } from "bun:test";
import fc from "fast-check";
import {
  builtInLayer,
  type ClusterLayer,
  commandLineLayer,
  defaultLayer,
  fileLayer,
} from "./cluster_layer.ts";
import { internalsOf, type MergedLayers, mergeLayers } from "./merge_layers.ts";

const NAMES = {
  cluster: "slurm",
  role: "ann",
  environ: "default",
  home: "/home/ann",
  user: "ann",
  environment: {},
};

function layerOfTree(tree: Readonly<Record<string, unknown>>): ClusterLayer {
  return fileLayer({ file: "a.yaml", text: "", tree });
}

function merged(...above: readonly ClusterLayer[]): MergedLayers {
  return mergeLayers([defaultLayer(above), ...above], NAMES);
}

function faultsOf({ faults }: MergedLayers): readonly string[] {
  return faults.map(({ path, text }) => `${path}: ${text}`);
}

test("mergeLayers() reads values, and tells all that it cannot read", () => {
  const { values, faults } = merged(layerOfTree({
    "scheduler.type": "slurm",
    "scheduler.slurm.poll.interval": "10s",
    "scheduler.slurm.partition": 7,
    "scheduler.slurm.account": null,
    "scheduler.slurm.mail.type": null,
    "uploader.folder": "${SCRATCH}/a",
    "state.root": "~bob",
    "state.type": null,
  }));
  expect(values.get("scheduler.type")).toMatchObject({ value: "slurm", byDefault: undefined });
  expect(values.get("scheduler.slurm.account")?.value).toBeUndefined();
  expect(values.get("scheduler.slurm.mail.type")?.value).toEqual([]);
  expect(values.get("packing.type")).toMatchObject({ origin: { type: "default" } });
  const [poll, partition, uploader, root, type, ...others] = faults.map(({ text }) => text);
  expect(poll).toStartWith('found "10s", expected a duration');
  expect(partition).toStartWith("found 7, expected a name");
  expect(uploader).toStartWith('found "${SCRATCH}", which is not set, expected HOME');
  expect(root).toStartWith('found "~bob", expected the path of a folder');
  expect(type).toStartWith('found nothing, expected "local_fs"');
  expect(others).toEqual([]);
});

test("mergeLayers() turns Heron's tunables into ours, and tells what they come to", () => {
  const tunable = (value: unknown) =>
    merged(layerOfTree({
      "scheduler.type": "local",
      "internals.heron.streammgr.network.backpressure.highwatermark.mb": value,
    }));
  const { values } = tunable(16);
  expect(values.get("internals.instance.receive.bytes")).toMatchObject({
    value: 16_777_216,
    heronName: "heron.streammgr.network.backpressure.highwatermark.mb",
  });
  expect(internalsOf(values)).toEqual({ "instance.receive.bytes": 16_777_216 });
  const name = "internals.heron.streammgr.network.backpressure.highwatermark.mb";
  expect(faultsOf(tunable(4096))).toEqual([
    `${name}: found 4096, which is "instance.receive.bytes" 4294967296, ` +
    "expected a whole number from 65536 to 1073741824",
  ]);
  expect(faultsOf(tunable("much"))).toEqual([`${name}: found "much", expected a number`]);
});

test("mergeLayers() tells what contradicts itself over layers", () => {
  const file = layerOfTree({
    "scheduler": { type: "slurm", slurm: { interface: "ib0" } },
    "internals.net.ping.ms": 9000,
  });
  const flags = commandLineLayer([
    ["--config", "internals.net.silence.ms=5000"],
    ["--slurm", "network=10.0.0.0/8"],
  ]);
  expect(faultsOf(merged(file, flags))).toEqual([
    'scheduler.slurm.network: found it beside "scheduler.slurm.interface", expected one of them',
    'internals.net.ping.ms: found 9000, expected at most "net.silence.ms", which is 5000',
  ]);
  const other = commandLineLayer([["--slurm", "network=10.0.0.0/8"], ["--slurm", "interface="]]);
  expect(faultsOf(merged(file, other))).toEqual([]);
});

test("mergeLayers() asks for the type of the scheduler, once", () => {
  expect(faultsOf(merged())).toEqual([
    'scheduler.type: found nothing, expected "local" or "slurm"',
  ]);
  expect(faultsOf(merged(layerOfTree({ "scheduler.type": "yarn" })))).toHaveLength(1);
});

const VALUES: Readonly<Record<string, readonly [string, ...string[]]>> = {
  "scheduler.slurm.partition": ["main", "long", "gpu"],
  "scheduler.slurm.command.timeout": ["10s", "20s", "2m"],
  "state.root": ["/a", "/b/c", "~/d"],
  "metrics.sinks.file-sink.files.max": ["1", "5", "9"],
  "metrics.sinks.mine.folder": ["x", "y"],
  "internals.net.ping.ms": ["1000", "3000"],
};
const some = fc.record(
  Object.fromEntries(
    Object.entries(VALUES).map(([path, texts]) => [path, fc.constantFrom(...texts)]),
  ),
  { requiredKeys: [] },
);

test("mergeLayers(): of each key the last layer that has it counts, and says so (random layers)", () => {
  fc.assert(
    fc.property(some, some, (file, flags) => {
      const { values, faults } = merged(
        builtInLayer("slurm"),
        layerOfTree(file),
        commandLineLayer(
          Object.entries(flags).map(([path, text]) => ["--config", `${path}=${text}`]),
        ),
      );
      expect(faults).toEqual([]);
      const alone = (given: Record<string, unknown>) =>
        merged(builtInLayer("slurm"), layerOfTree(given));
      for (const { path, value, byDefault, origin } of values.values()) {
        const text = flags[path] ?? file[path];
        const type = path in flags ? "command_line" : path in file ? "file" : undefined;
        if (type === undefined) {
          expect(origin.type).toBe(path === "scheduler.type" ? "built_in" : "default");
          continue;
        }
        expect(origin.type).toBe(type);
        // No other key has a part in it.
        expect(value).toEqual(alone({ [path]: text }).values.get(path)?.value);
        expect(byDefault).toEqual(alone({ [path]: text }).values.get(path)?.byDefault);
      }
    }),
    { numRuns: 100 },
  );
});
