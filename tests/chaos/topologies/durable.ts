/**
 * An acked topology between durable ends: records of files are passed on, split, joined again
 * and written down. `FOLDER [NAME=VALUE…]`: the folder of the ends, and settings.
 */

import { Config, type ConfigValue, type Topology, TopologyBuilder } from "heron-bin";
import { JoinBolt, PassBolt, SplitBolt } from "../../support/durable_bolts.ts";
import { FileSink } from "../../support/durable_sink.ts";
import { FileSpout } from "../../support/durable_spout.ts";

export default function durable([folder = "", ...settings]: readonly string[]): Topology {
  const builder = new TopologyBuilder("durable");
  builder.setSpout("records", new FileSpout(folder), 2);
  builder.setBolt("pass", new PassBolt(folder), 2).shuffleGrouping("records");
  builder.setBolt("split", new SplitBolt(folder), 2).fieldsGrouping("pass", ["key"]);
  builder.setBolt("join", new JoinBolt(folder), 2).fieldsGrouping("split", ["source", "offset"]);
  builder.setBolt("sink", new FileSink(folder), 2).fieldsGrouping("join", ["key", "child"]);
  const config = new Config()
    .setTopologyReliabilityMode("ATLEAST_ONCE")
    .setMessageTimeoutSecs(30)
    .setMaxSpoutPending(256)
    .put("metrics.export.interval.ms", 200);
  for (const setting of settings) config.put(...parse(setting));
  return builder.createTopology(config);
}

function parse(setting: string): [string, ConfigValue] {
  const at = setting.indexOf("=");
  const [key, value] = [setting.slice(0, at), setting.slice(at + 1)];
  return [key, /^\d+$/.test(value) ? Number(value) : value];
}
