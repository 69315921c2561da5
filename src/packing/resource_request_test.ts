import { expect, test } from "bun:test";
import { drawTopology } from "../../tests/support/definitions.ts";
import { Config, type ConfigMap, TopologyBuilder } from "../api/mod.ts";
import { readPackingRequest } from "./resource_request.ts";

const GIB = 1024 ** 3;

function read(config: ConfigMap) {
  return readPackingRequest(drawTopology("s b", { config }));
}

test("readPackingRequest() has Heron's defaults", () => {
  expect(read({})).toEqual({
    containers: 1,
    cpu: { byComponent: new Map(), container: undefined, padding: 1 },
    ram: { byComponent: new Map(), container: undefined, padding: 2 * GIB },
    disk: { byComponent: new Map(), container: undefined, padding: 12 * GIB },
  });
});

test("readPackingRequest() reads numbers and numbers as text", () => {
  for (const config of [{ "topology.stmgrs": 3 }, { "topology.stmgrs": "3" }]) {
    expect(read(config).containers).toBe(3);
  }
  expect(read({ "topology.container.cpu": "2.5" }).cpu.container).toBe(2.5);
  expect(read({ "topology.component.rammap": "s:100,b:200,s:300" }).ram.byComponent)
    .toEqual(new Map([["s", 300], ["b", 200]]));
});

test("readPackingRequest() takes a component's own load before the topology's map", () => {
  const builder = new TopologyBuilder("loads");
  builder.setSpout("s", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  }).setMemoryLoad(128);
  builder.setBolt("b", { execute() {} }).shuffleGrouping("s").setMemoryLoad(100, 28.5)
    .setCPULoad(50);
  const config = new Config().setComponentRamMap("s:1,b:2").setComponentRam("s", 77)
    .setComponentCpuMap("s:3,b:4").setComponentDiskMap("b:5");
  const { cpu, ram, disk } = readPackingRequest(builder.createTopology(config).definition);
  const mib = 1024 ** 2;
  expect(ram.byComponent).toEqual(new Map([["s", 128 * mib], ["b", 128.5 * mib]]));
  expect(cpu.byComponent).toEqual(new Map([["s", 3], ["b", 0.5]]));
  expect(disk.byComponent).toEqual(new Map([["b", 5]]));
});

test("setMemoryLoad() and setCPULoad() of nothing are faults of the topology", () => {
  const builder = new TopologyBuilder("loads");
  builder.setSpout("s", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["a"]),
  }).setMemoryLoad(0).setCPULoad(-1);
  expect(() => builder.createTopology()).toThrow("topology.component.cpu.pcore.percent");
  expect(() => builder.createTopology()).toThrow("topology.component.resources.onheap.memory.mb");
});

test("readPackingRequest() pads memory by what the daemons of a container need", () => {
  const paddingOf = (config: ConfigMap) => read(config).ram.padding;
  expect(paddingOf({ "topology.stmgr.ram": 5, "topology.metricsmgr.ram": 7 })).toBe(12);
  expect(paddingOf({ "topology.reliability.mode": "EFFECTIVELY_ONCE" })).toBe(3 * GIB);
  expect(paddingOf({ "topology.container.ram.padding": 0, "topology.stmgr.ram": 5 })).toBe(0);
});

test("readPackingRequest() refuses what is no number", () => {
  for (const value of ["", "x", true, -1, 0, 1.5, "0x", Number.MAX_SAFE_INTEGER + 1]) {
    expect(() => read({ "topology.stmgrs": value }), String(value)).toThrow(
      `Pack by "topology.stmgrs": found "${value}", expected a whole number from 1`,
    );
  }
});
