import { expect, test } from "bun:test";
import { ManualClock } from "../base/mod.ts";
import { MetricRegistry } from "../metrics/mod.ts";
import { registerStmgrMetrics, type StmgrFigures } from "./stmgr_metrics.ts";

function createFigures(): StmgrFigures & { readonly lost: Map<string, number> } {
  const lost = new Map([["no_route", 4]]);
  return {
    lost,
    fromInstances: () => [[1, { packets: 2, bytes: 20 }], [2, { packets: 3, bytes: 30 }]],
    toInstances: () => [["container_1_word_1", { packets: 5, bytes: 50 }]],
    fromPeers: () => ({ packets: 7, bytes: 70 }),
    toPeers: () => [["stmgr-2", { packets: 8, bytes: 80 }]],
    instanceBuffers: () => [["container_1_word_1", 99]],
    dropped: () => lost,
    pressure: () => ({
      announcedMs: 4.7,
      announcedByPeersMs: 3,
      pausedMs: 7,
      announcedMsByInstance: () => [["container_1_word_1", 4.7], ["container_1_word_2", 0]],
    }),
    waitingBytes: () => 100,
    waitingBytesMax: () => 200,
  };
}

test("registerStmgrMetrics() exports traffic as growth and what waits as it is", () => {
  const registry = new MetricRegistry(new ManualClock());
  const figures = createFigures();
  registerStmgrMetrics(registry, figures);
  const collect = () =>
    Object.fromEntries(registry.collect().map(({ name, value }) => [name, Number(value)]));
  const gauges = {
    "__connection_buffer_by_instanceid/container_1_word_1/bytes": 99,
    "__server/__waiting_bytes": 100,
    "__server/__waiting_bytes_max": 200,
  };
  const first = {
    "__instance_bytes_received/1": 20,
    "__instance_bytes_received/2": 30,
    "__connection_buffer_length_by_instanceid/container_1_word_1/packets": 5,
    "__server/__packets_from_workers": 5,
    "__server/__bytes_from_workers": 50,
    "__server/__packets_to_workers": 5,
    "__server/__bytes_to_workers": 50,
    "__server/__packets_from_stmgrs": 7,
    "__server/__bytes_from_stmgrs": 70,
    "__client_stmgr-2/__packets_to_stmgrs": 8,
    "__client_stmgr-2/__bytes_to_stmgrs": 80,
    "__server/__tuples_lost/no_route": 4,
    "__server/__time_spent_back_pressure_initiated": 4,
    "__time_spent_back_pressure_by_local_instance": 4,
    "__server/__time_spent_back_pressure_by_remote_stmgr": 3,
    "__server/__time_spent_back_pressure_aggr": 7,
    "__time_spent_back_pressure_by_compid/container_1_word_1": 4,
    "__time_spent_back_pressure_by_compid/container_1_word_2": 0,
  };
  expect(collect()).toEqual({ ...first, ...gauges });
  figures.lost.set("no_route", 6);
  const nothing = Object.fromEntries(Object.keys(first).map((name) => [name, 0]));
  expect(collect()).toEqual({ ...nothing, ...gauges, "__server/__tuples_lost/no_route": 2 });
});
