/** Tests of the configuration's keys and setters. */

import { expect, test } from "bun:test";
import { Config, toConfigMap } from "./config.ts";

test("Config setters write Heron's keys", () => {
  const config = new Config()
    .setTopologyName("words")
    .setNumWorkers(2)
    .setTopologyReliabilityMode("ATLEAST_ONCE")
    .setMessageTimeoutSecs(10)
    .setEnableMessageTimeouts(false)
    .setMaxSpoutPending(50)
    .setTickTupleFrequency(1.5)
    .setDebug(true)
    .setContainerCpuRequested(2)
    .setContainerRamRequested(2 ** 30)
    .setContainerDiskRequested(2 ** 31)
    .put("mine", "yes");
  expect(config.toMap()).toEqual({
    "topology.name": "words",
    "topology.stmgrs": 2,
    "topology.reliability.mode": "ATLEAST_ONCE",
    "topology.message.timeout.secs": 10,
    "topology.enable.message.timeouts": false,
    "topology.max.spout.pending": 50,
    "topology.tick.tuple.freq.ms": 1500,
    "topology.debug": true,
    "topology.container.cpu": 2,
    "topology.container.ram": 2 ** 30,
    "topology.container.disk": 2 ** 31,
    mine: "yes",
  });
});

test("Config.setEnableAcking() chooses the mode, the later call winning", () => {
  const mode = (config: Config) => config.get(Config.TOPOLOGY_RELIABILITY_MODE);
  expect(mode(new Config().setEnableAcking(true))).toBe("ATLEAST_ONCE");
  expect(mode(new Config().setEnableAcking(true).setEnableAcking(false))).toBe("ATMOST_ONCE");
});

test("Config component setters append to Heron's maps", () => {
  const config = new Config()
    .setComponentCpu("a", 0.5)
    .setComponentCpu("b", 2)
    .setComponentRam("a", 1024)
    .setComponentDisk("b", 2048);
  expect(config.get(Config.TOPOLOGY_COMPONENT_CPUMAP)).toBe("a:0.5,b:2");
  expect(config.get(Config.TOPOLOGY_COMPONENT_RAMMAP)).toBe("a:1024");
  expect(config.get(Config.TOPOLOGY_COMPONENT_DISKMAP)).toBe("b:2048");
});

test("Config copies what it is made of and what it gives", () => {
  const first = new Config({ a: 1 });
  const second = new Config().putAll(first).put("a", 2);
  expect(first.get("a")).toBe(1);
  expect(second.get("a")).toBe(2);
  expect(second.get("b")).toBeUndefined();
});

test("toConfigMap() takes plain maps and the Config of another copy of the API", () => {
  const other = { toMap: () => ({ a: 1 }) };
  expect(toConfigMap(other as unknown as Config)).toEqual({ a: 1 }); // stands for the other copy's class
  expect(toConfigMap({ toMap: "text" })).toEqual({ toMap: "text" });
});
