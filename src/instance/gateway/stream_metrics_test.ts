import { expect, test } from "bun:test";
import {
  beginning,
  type CountedComponent,
  countedInstance,
  output,
} from "../../../tests/support/counted_instance.ts";
import { COUNTER, encodeTimePlace, STREAM_COUNTER, streamCounterPlace } from "../bridge.ts";
import { registerStreamMetrics } from "./stream_metrics.ts";

/** A registry of an instance of `component`, whose counters after the fixed ones are `streams`. */
function instanceOf(component: CountedComponent, streams: readonly number[]) {
  const { registry, counters, collect } = countedInstance(streams);
  registerStreamMetrics({ registry, counters, component, config: component.config ?? {} });
  return { counters, collect };
}

function input(component: string, stream: string) {
  return { component, stream, grouping: { type: "shuffle" } } as const;
}

test("registerStreamMetrics() counts a spout's tuples by stream, each interval anew", () => {
  const spout: CountedComponent = { kind: "spout", outputs: [output("default")], inputs: [] };
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

test("registerStreamMetrics() counts a bolt's tuples by source and stream, and by stream", () => {
  const inputs = [input("a", "default"), input("b", "default"), input("b", "late")];
  const bolt: CountedComponent = { kind: "bolt", outputs: [output("x"), output("y")], inputs };
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

test("registerStreamMetrics() tells a bolt's mean latencies in ns, by input", () => {
  const inputs = [input("a", "default"), input("b", "default")];
  const bolt: CountedComponent = { kind: "bolt", outputs: [], inputs };
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

test("registerStreamMetrics() counts a bolt's ticks as an input of their own", () => {
  const inputs = [input("a", "default")];
  const config = { "topology.tick.tuple.freq.ms": 1000 };
  const { counters, collect } = instanceOf({ kind: "bolt", outputs: [], inputs, config }, [10, 3]);
  const place = streamCounterPlace(1);
  counters[place + STREAM_COUNTER.acked] = 2;
  counters[place + STREAM_COUNTER.callMs] = 6;
  const values = collect();
  expect(beginning(values, "__execute-count")).toEqual({
    "__execute-count/a/default": "10",
    "__execute-count/default": "10",
    "__execute-count/__system/__tick": "3",
    "__execute-count/__tick": "3",
  });
  expect(values.get("__ack-count/__tick")).toBe("2");
  expect(values.get("__execute-latency/__system/__tick")).toBe("2000000");
  expect(values.get("__execute-time-ns/__tick")).toBe("6000000");
});

test("registerStreamMetrics() tells in ns how long values took to be encoded and decoded", () => {
  const inputs = [input("a", "default"), input("b", "default")];
  const bolt: CountedComponent = { kind: "bolt", outputs: [output("x"), output("y")], inputs };
  const { counters, collect } = instanceOf(bolt, []);
  counters[encodeTimePlace(1)] = 1.5;
  counters[streamCounterPlace(0) + STREAM_COUNTER.decodeMs] = 2;
  counters[streamCounterPlace(1) + STREAM_COUNTER.decodeMs] = 0.5;
  const values = collect();
  expect(beginning(values, "__tuple-serialization")).toEqual({
    "__tuple-serialization-time-ns/x": "0",
    "__tuple-serialization-time-ns/y": "1500000",
  });
  expect(beginning(values, "__tuple-deserialization")).toEqual({
    "__tuple-deserialization-time-ns/a/default": "2000000",
    "__tuple-deserialization-time-ns/b/default": "500000",
    "__tuple-deserialization-time-ns/default": "2500000",
  });
});
