import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import {
  type MetricPublisher,
  MetricPublisherPublishMessageSchema,
  MetricPublisherSchema,
} from "../base/gen/heron/metrics_pb.ts";
import { Intake } from "./intake.ts";

function publisher(instanceId: string): MetricPublisher {
  const init = { hostname: "h", port: 1, componentName: "word", instanceId, instanceIndex: 0 };
  return create(MetricPublisherSchema, init);
}

function message(values: Record<string, string>) {
  const metrics = Object.entries(values).map(([name, value]) => ({ name, value }));
  return create(MetricPublisherPublishMessageSchema, { metrics });
}

test("publish() makes a record, keeps last values and adds up counts", () => {
  const intake = new Intake();
  const source = intake.register(publisher("a"));
  const first = message({ "__emit-count/default": "5", "__process/__uptime_sec": "1" });
  expect(intake.publish(source, first, 1000)).toMatchObject({
    timestampMs: 1000,
    source: "h:1/word/a",
    metrics: [{ name: "__emit-count/default", value: "5" }, { value: "1" }],
  });
  intake.publish(
    source,
    message({ "__emit-count/default": "3", "__process/__uptime_sec": "2" }),
    2000,
  );
  expect(source.last("__emit-count/default")).toBe("3");
  expect(source.sum("__emit-count/default")).toBe(8);
  expect(source.last("__process/__uptime_sec")).toBe("2");
  expect(source.sum("__process/__uptime_sec")).toBeUndefined();
  expect(intake.figures).toEqual({ records: 2, metrics: 4, exceptions: 0, unremembered: 0 });
});

test("publish() passes a value on that is no number, and adds nothing up", () => {
  const intake = new Intake();
  const source = intake.register(publisher("a"));
  intake.publish(source, message({ "__emit-count/default": "1.5E1" }), 0);
  const record = intake.publish(source, message({ "__emit-count/default": "many" }), 0);
  expect(record.metrics.map(({ value }) => value)).toEqual(["many"]);
  expect(source.sum("__emit-count/default")).toBe(15);
});

test("publish() remembers no more names than its limit, nor longer ones, and counts them", () => {
  const intake = new Intake({ namesMax: 2, nameLengthMax: 5 });
  const source = intake.register(publisher("a"));
  intake.publish(source, message({ toolong: "0", a: "1", b: "2", c: "3" }), 0);
  intake.publish(source, message({ a: "4" }), 0);
  expect([[...source.names], source.size]).toEqual([["a", "b"], 2]);
  expect(source.last("a")).toBe("4");
  expect(intake.figures.unremembered).toBe(2);
});

test("register() goes on with a source that was here before", () => {
  const intake = new Intake();
  const source = intake.register(publisher("a"));
  intake.publish(source, message({ "__ack-count": "2" }), 0);
  intake.leave(source);
  const again = intake.register(publisher("a"));
  expect(again.isPresent).toBe(true);
  expect(again.sum("__ack-count")).toBe(2);
});

test("register() goes on with a daemon that has another port in each life", () => {
  const intake = new Intake({ sourcesMax: 1 });
  const life = (port: number) => intake.register({ ...publisher("a"), port });
  intake.publish(life(1), message({ "__ack-count": "2" }), 0);
  const second = life(2);
  intake.publish(second, message({ "__ack-count": "3" }), 0);
  expect(second.sum("__ack-count")).toBe(5);
  expect([...intake.sources.keys()]).toEqual(["h:2/word/a"]);
});

test("register() forgets who has left when there are too many, then refuses", () => {
  const intake = new Intake({ sourcesMax: 2 });
  const first = intake.register(publisher("a"));
  intake.register(publisher("b"));
  expect(() => intake.register(publisher("c"))).toThrow("expected fewer");
  intake.leave(first);
  intake.register(publisher("c"));
  expect([...intake.sources.keys()]).toEqual(["h:1/word/b", "h:1/word/c"]);
});
