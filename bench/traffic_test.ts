/** What the processes counted, from records as the file sink writes them. */

import { expect, test } from "bun:test";
import { trafficOf } from "./traffic.ts";

const RECORDS = [
  record(1000, "vm:3/bolt/container_1_bolt_3", {
    "__execute-count/spout/default": "100",
    "__execute-count/default": "100",
    "__gateway-received-packets-count": "10",
    "__gateway-received-packets-size": "2500",
  }),
  record(1500, "vm:2/identity/container_1_identity_2", {
    "__execute-count/spout/default": "999",
    "__gateway-received-packets-count": "999",
  }),
  record(1800, "vm:45135/__stmgr__/stmgr-1", {
    "__server/__packets_from_workers": "30",
    "__server/__packets_from_stmgrs": "10",
  }),
  record(2000, "vm:3/bolt/container_1_bolt_3", {
    "__execute-count/spout/default": "300",
    "__execute-count/default": "300",
    "__gateway-received-packets-count": "10",
    "__gateway-received-packets-size": "7500",
  }),
];

function record(timestamp: number, source: string, metrics: Record<string, string>) {
  return { timestamp, source, metrics };
}

test("trafficOf() is of the last component, each tuple once", () => {
  expect(trafficOf(RECORDS, { fromMs: 0, toMs: 2000 }, "bolt")).toEqual({
    tuples_per_batch: 20,
    bytes_per_tuple: 25,
    stmgr_frames_per_tuple: 0.1,
  });
});

test("trafficOf() takes the records of the window alone", () => {
  expect(trafficOf(RECORDS, { fromMs: 1000, toMs: 2000 }, "bolt")?.tuples_per_batch).toBe(30);
  expect(trafficOf(RECORDS, { fromMs: 2000, toMs: 3000 }, "bolt")).toBeUndefined();
});
