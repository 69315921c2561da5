/** Tests of the settings that values come to. */

import { expect, test } from "bun:test";
import { builtInLayer, commandLineLayer, defaultLayer } from "./cluster_layer.ts";
import { mergeLayers } from "./merge_layers.ts";
import { settingsFrom } from "./settings_from.ts";

const NAMES = {
  cluster: "slurm",
  role: "ann",
  environ: "default",
  home: "/home/ann",
  user: "ann",
  environment: {},
};

function settingsWith(...flags: readonly string[]) {
  const above = [
    builtInLayer("slurm"),
    commandLineLayer(flags.map((text) => ["--slurm", text])),
    commandLineLayer([["--config", "metrics.sinks.second.folder=/m"]]),
  ];
  const { values, faults } = mergeLayers([defaultLayer(above), ...above], NAMES);
  expect(faults).toEqual([]);
  return settingsFrom(values, NAMES);
}

test("settingsFrom() gives how a node is reached as one of three", () => {
  const reaches = [[], ["interface=ib0"], ["network=10.0.0.0/8"]].map((flags) => {
    const { scheduler } = settingsWith(...flags);
    return scheduler.type === "slurm" ? scheduler.slurm.reach : "local";
  });
  expect(reaches).toEqual([
    undefined,
    { type: "interface", name: "ib0" },
    { type: "network", cidr: "10.0.0.0/8" },
  ]);
});

test("settingsFrom() gives each sink that there is", () => {
  expect(settingsWith().metrics.sinks.map(({ id, folder }) => [id, folder]))
    .toEqual([["file-sink", "logs/metrics"], ["second", "/m"]]);
});
