import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { MetricPublisherSchema } from "../base/gen/heron/metrics_pb.ts";
import { Intake } from "./intake.ts";
import type { ExceptionRecord } from "./metric_record.ts";
import { type ForwarderLimits, type ForwardInit, TmForwarder } from "./tm_forwarder.ts";

const NO_EXCEPTIONS: readonly ExceptionRecord[] = [];

function bench(limits: Partial<ForwarderLimits> = {}) {
  const intake = new Intake();
  const forwarder = new TmForwarder(intake, limits);
  const publish = (
    instanceId: string,
    values: Readonly<Record<string, string>>,
    { componentName = "word", timeMs = 1, exceptions = NO_EXCEPTIONS } = {},
  ) => {
    const source = intake.register(
      create(MetricPublisherSchema, { hostname: "h", port: 1, componentName, instanceId }),
    );
    const metrics = Object.entries(values).map(([name, value]) => ({ name, value }));
    forwarder.note(intake.publish(source, { metrics, exceptions }, timeMs));
  };
  return { forwarder, publish };
}

function texts(packets: readonly ForwardInit[]): string[] {
  return packets.flatMap(({ names, sources }) => [
    ...(names?.length ? [`names ${names.join()}`] : []),
    ...(sources ?? []).map((one) =>
      `${one.component}/${one.instance} at ${one.timeMs}: ${one.names?.join()} = ${one.values?.join()}`
    ),
  ]);
}

test("TmForwarder tells what counts have come to, and the last of other values", () => {
  const { forwarder, publish } = bench();
  publish("w1", { "__emit-count/a": "5", mine: "2" });
  publish("w1", { "__emit-count/a": "7", mine: "3" }, { timeMs: 2 });
  expect(texts(forwarder.take())).toEqual([
    "names __emit-count/a,mine",
    "word/w1 at 2: 0,1 = 12,3",
  ]);
  expect(forwarder.take()).toEqual([]);
});

test("TmForwarder leaves out what is as it was, and says each name once", () => {
  const { forwarder, publish } = bench();
  publish("w1", { "__emit-count/a": "5", mine: "2" });
  forwarder.take();
  publish("w1", { "__emit-count/a": "0", mine: "4" }, { timeMs: 2 });
  publish("w2", { mine: "1", "not a number": "x" }, { timeMs: 3 });
  expect(texts(forwarder.take())).toEqual([
    "names not a number",
    "word/w1 at 2: 1 = 4",
    "word/w2 at 3: 1 = 1",
  ]);
});

test("TmForwarder passes users' names, and of the system's those that Heron passes", () => {
  const { forwarder, publish } = bench();
  publish("w1", {
    mine: "1",
    "__server/__bytes_to_workers": "1",
    "__process/__cpu_user_usec": "1",
  });
  publish("stmgr-1", { "file-sink/queue-bytes": "1", "__execute-count/x": "1" }, {
    componentName: "__stmgr__",
  });
  expect(forwarder.take().flatMap(({ names }) => names)).toEqual([
    "mine",
    "__process/__cpu_user_usec",
    "__execute-count/x",
  ]);
});

test("restart() has all told again, to a master that knows nothing", () => {
  const { forwarder, publish } = bench();
  publish("w1", { mine: "1" });
  forwarder.take();
  forwarder.restart(9);
  expect(texts(forwarder.take())).toEqual(["names mine", "word/w1 at 9: 0 = 1"]);
});

test("take() cuts what is long into packets, and bounds names and exceptions", () => {
  const { forwarder, publish } = bench({ valuesMax: 2, namesMax: 3, exceptionsMax: 2 });
  const exceptions = [1, 2, 3].map((at) => ({
    stacktrace: `s${at}`,
    firsttime: "",
    lasttime: "",
    logging: "",
    count: 1,
  }));
  publish("w1", { a: "1", b: "2", c: "3", d: "4" }, { exceptions });
  publish("w2", { a: "1" });
  const packets = forwarder.take();
  expect(texts(packets)).toEqual([
    "names a,b,c",
    "word/w1 at 1: 0,1,2 = 1,2,3",
    "word/w2 at 1: 0 = 1",
  ]);
  expect(packets).toHaveLength(2);
  expect(packets[0]?.sources?.[0]?.exceptions).toHaveLength(2);
});
