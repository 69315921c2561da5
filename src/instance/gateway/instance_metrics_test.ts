import { expect, test } from "bun:test";
import type { ComponentDefinition } from "../../api/mod.ts";
import { ManualClock } from "../../base/mod.ts";
import { MetricRegistry } from "../../metrics/mod.ts";
import { COUNTER, STREAM_COUNTER, streamCounterPlace } from "../bridge.ts";
import { type GatewayFigures, registerInstanceMetrics } from "./instance_metrics.ts";

type Component =
  & Pick<ComponentDefinition, "kind" | "outputs" | "inputs">
  & Partial<Pick<ComponentDefinition, "config">>;

const GATEWAY: GatewayFigures = {
  receivedPackets: 3,
  receivedBytes: 300,
  sentPackets: 4,
  sentBytes: 400,
  waitingBytes: 50,
  waitingBytesMax: 60,
  openTuples: 0,
  pressureMs: 0,
};

/** A registry of an instance of `component`, whose counters after the fixed ones are `streams`. */
function instanceOf(component: Component, streams: readonly number[]) {
  const counters = new Float64Array(streamCounterPlace(streams.length));
  counters.set(streams, COUNTER.firstStream);
  const registry = new MetricRegistry(new ManualClock());
  registerInstanceMetrics({
    registry,
    counters,
    component: { config: {}, ...component },
    gateway: GATEWAY,
  });
  const collect = (): Map<string, string> =>
    new Map(registry.collect().map(({ name, value }) => [name, value]));
  return { counters, collect };
}

function output(id: string) {
  return { id, fields: ["word"], direct: false };
}

function input(component: string, stream: string) {
  return { component, stream, grouping: { type: "shuffle" } } as const;
}

/** Those of `values` whose name begins with `prefix`. */
function beginning(values: Map<string, string>, prefix: string): Record<string, string> {
  return Object.fromEntries([...values].filter(([name]) => name.startsWith(prefix)));
}

test("registerInstanceMetrics() counts a spout's tuples by stream, each interval anew", () => {
  const spout: Component = { kind: "spout", outputs: [output("default")], inputs: [] };
  const { counters, collect } = instanceOf(spout, [7]);
  counters[streamCounterPlace(0) + STREAM_COUNTER.acked] = 6;
  counters[streamCounterPlace(0) + STREAM_COUNTER.failed] = 1;
  counters[streamCounterPlace(0) + STREAM_COUNTER.timedOut] = 1;
  const first = collect();
  expect(beginning(first, "__emit-count")).toEqual({ "__emit-count/default": "7" });
  expect(beginning(first, "__execute-count")).toEqual({});
  expect(beginning(first, "__ack-count")).toEqual({ "__ack-count/default": "6" });
  expect(beginning(first, "__fail-count")).toEqual({ "__fail-count/default": "1" });
  expect(beginning(first, "__timeout-count")).toEqual({ "__timeout-count/default": "1" });
  counters[COUNTER.firstStream] = 10;
  expect(beginning(collect(), "__emit-count")).toEqual({ "__emit-count/default": "3" });
});

test("registerInstanceMetrics() counts a bolt's tuples by source and stream, and by stream", () => {
  const inputs = [input("a", "default"), input("b", "default"), input("b", "late")];
  const bolt: Component = { kind: "bolt", outputs: [output("x"), output("y")], inputs };
  const { counters, collect } = instanceOf(bolt, [1, 2, 10, 20, 30]);
  for (const [index, acked] of [10, 20, 30].entries()) {
    counters[streamCounterPlace(index) + STREAM_COUNTER.acked] = acked;
  }
  const values = collect();
  expect(beginning(values, "__emit-count")).toEqual({
    "__emit-count/x": "1",
    "__emit-count/y": "2",
  });
  expect(beginning(values, "__execute-count")).toEqual({
    "__execute-count/a/default": "10",
    "__execute-count/b/default": "20",
    "__execute-count/default": "30",
    "__execute-count/b/late": "30",
    "__execute-count/late": "30",
  });
  expect(beginning(values, "__ack-count")).toEqual({
    "__ack-count/a/default": "10",
    "__ack-count/b/default": "20",
    "__ack-count/default": "30",
    "__ack-count/b/late": "30",
    "__ack-count/late": "30",
  });
});

test("registerInstanceMetrics() tells a bolt's mean latencies in ns, by input", () => {
  const inputs = [input("a", "default"), input("b", "default")];
  const bolt: Component = { kind: "bolt", outputs: [], inputs };
  const { counters, collect } = instanceOf(bolt, [4, 1]);
  const set = (stream: number, name: keyof typeof STREAM_COUNTER, value: number) => {
    counters[streamCounterPlace(stream) + STREAM_COUNTER[name]] = value;
  };
  set(0, "callMs", 8);
  set(1, "callMs", 7);
  set(0, "ackMs", 6);
  set(0, "ackTimed", 3);
  const values = collect();
  expect(beginning(values, "__execute-latency")).toEqual({
    "__execute-latency/a/default": "2000000",
    "__execute-latency/b/default": "7000000",
    "__execute-latency/default": "3000000",
  });
  expect(values.get("__execute-time-ns/default")).toBe("15000000");
  expect(beginning(values, "__process-latency")).toEqual({
    "__process-latency/a/default": "2000000",
    "__process-latency/default": "2000000",
  });
  expect(beginning(values, "__fail-latency")).toEqual({});
  expect(beginning(collect(), "__execute-latency")).toEqual({});
});

test("registerInstanceMetrics() tells a spout's complete latency and that of its calls", () => {
  const spout: Component = { kind: "spout", outputs: [output("x"), output("y")], inputs: [] };
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
  const spout: Component = { kind: "spout", outputs: [], inputs: [] };
  const { counters, collect } = instanceOf(spout, []);
  counters[COUNTER.heldBytes] = 11;
  counters[COUNTER.heldBytesMax] = 12;
  counters[COUNTER.goneBytes] = 13;
  counters[COUNTER.dropped] = 14;
  const values = collect();
  expect(Object.fromEntries(values)).toMatchObject({
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
    const bolt: Component = { kind: "bolt", outputs: [], inputs: [], config };
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
