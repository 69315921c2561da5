import { expect, test } from "bun:test";
import { drawTopology } from "../../tests/support/definitions.ts";
import type { ConfigMap } from "../api/mod.ts";
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
