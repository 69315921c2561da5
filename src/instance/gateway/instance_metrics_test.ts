import { expect, test } from "bun:test";
import {
  beginning,
  type CountedComponent,
  countedInstance,
  output,
} from "../../../tests/support/counted_instance.ts";
import { COUNTER, STREAM_COUNTER, streamCounterPlace } from "../bridge.ts";
import { type GatewayFigures, registerInstanceMetrics } from "./instance_metrics.ts";

const GATEWAY: GatewayFigures = {
  receivedPackets: 3,
  receivedBytes: 300,
  sentPackets: 4,
  sentBytes: 400,
  inQueueFull: 6,
  waitingBytes: 50,
  waitingBytesMax: 60,
  openTuples: 0,
  pressureMs: 0,
};

/** A registry of an instance of `component`, whose counters after the fixed ones are `streams`. */
function instanceOf(component: CountedComponent, streams: readonly number[]) {
  const { registry, clock, counters, collect } = countedInstance(streams);
  const published = { packets: 2, bytes: 900, metrics: 50, exceptions: 1 };
  registerInstanceMetrics({
    registry,
    clock,
    counters,
    component,
    config: component.config ?? {},
    gateway: GATEWAY,
    exceptions: { logged: 70, leftOut: 6 },
    published: () => published,
  });
  return { counters, collect };
}

test("registerInstanceMetrics() tells a spout's complete latency and that of its calls", () => {
  const spout: CountedComponent = {
    kind: "spout",
    outputs: [output("x"), output("y")],
    inputs: [],
  };
  const { counters, collect } = instanceOf(spout, [1, 1]);
  counters[streamCounterPlace(1) + STREAM_COUNTER.ackMs] = 30;
  counters[streamCounterPlace(1) + STREAM_COUNTER.ackTimed] = 2;
  counters[COUNTER.calls] = 8;
  counters[COUNTER.callMs] = 2;
  counters[COUNTER.refused] = 3;
  const values = collect();
  expect(beginning(values, "__complete-latency")).toEqual({ "__complete-latency/y": "15000000" });
  expect(beginning(values, "__next-tuple")).toEqual({
    "__next-tuple-count": "8",
    "__next-tuple-latency": "250000",
  });
  expect(values.get("__out-queue-full-count")).toBe("3");
});

test("registerInstanceMetrics() tells what waits and what passed the gateway", () => {
  const spout: CountedComponent = { kind: "spout", outputs: [], inputs: [] };
  const { counters, collect } = instanceOf(spout, []);
  counters[COUNTER.heldBytes] = 11;
  counters[COUNTER.heldBytesMax] = 12;
  counters[COUNTER.goneBytes] = 13;
  counters[COUNTER.dropped] = 14;
  const values = collect();
  expect(Object.fromEntries(values)).toMatchObject({
    "__gateway-in-queue-full-count": "6",
    "__gateway-sent-metrics-packets-count": "2",
    "__gateway-sent-metrics-size": "900",
    "__gateway-sent-metrics-count": "50",
    "__gateway-sent-exceptions-count": "1",
    "__exception-count": "70",
    "dropped_exceptions_count": "6",
    "__gateway-received-packets-count": "3",
    "__gateway-received-packets-size": "300",
    "__gateway-sent-packets-count": "4",
    "__gateway-sent-packets-size": "400",
    "__gateway-in-stream-queue-bytes": "50",
    "__gateway-in-stream-queue-bytes-max": "60",
    "__executor-in-stream-queue-bytes": "11",
    "__executor-in-stream-queue-bytes-max": "12",
    "__gateway-dropped-packets-size": "13",
    "__dropped-count": "14",
  });
  expect(collect().get("__gateway-sent-packets-size")).toBe("0");
});

test("registerInstanceMetrics() counts what an error policy did, where there is one", () => {
  const key = "topology.component.error";
  const counts = (config: Record<string, string | number>): string[] => {
    const bolt: CountedComponent = { kind: "bolt", outputs: [], inputs: [], config };
    const { counters, collect } = instanceOf(bolt, []);
    counters.set([1, 2, 3], COUNTER.retries);
    return [...collect()].filter(([name]) => /retry|skip|letter/.test(name)).map(String);
  };
  expect(counts({})).toEqual([]);
  expect(counts({ [`${key}.retries`]: 1 })).toEqual(["__retry-count,1"]);
  expect(counts({ [`${key}.then`]: "skip" })).toEqual(["__skip-count,2"]);
  expect(counts({ [`${key}.retries`]: 1, [`${key}.then`]: "dead_letter" })).toEqual([
    "__retry-count,1",
    "__dead-letter-count,3",
  ]);
});

test("registerInstanceMetrics() tells of turns since the start and of batches since the last time", () => {
  const { counters, collect } = instanceOf({ kind: "spout", outputs: [], inputs: [] }, []);
  counters.set([9, 7, 5], COUNTER.turns);
  counters.set([4, 400], COUNTER.batches);
  const told = {
    "__task-run-count": "9",
    "__produce-tuple-count": "7",
    "__continue-work-count": "5",
    "__data-tuple-added-to-outgoing-queue/default": "4",
    "__average-tuple-size-added-queue/default": "100",
  };
  expect(Object.fromEntries(collect())).toMatchObject(told);
  const again = collect();
  expect(again.get("__task-run-count")).toBe("9");
  expect(again.get("__data-tuple-added-to-outgoing-queue/default")).toBe("0");
  expect(again.get("__gateway-sent-metrics-size")).toBe("0");
});
