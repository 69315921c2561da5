import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { MetricPublisherSchema } from "../base/gen/heron/metrics_pb.ts";
import { ManualClock } from "../base/mod.ts";
import type { ForwardInit } from "./forward_packets.ts";
import { Intake } from "./intake.ts";
import type { ExceptionRecord } from "./metric_record.ts";
import { type ForwarderLimits, TmForwarder } from "./tm_forwarder.ts";

const NO_EXCEPTIONS: readonly ExceptionRecord[] = [];

function bench(limits: Partial<ForwarderLimits> = {}) {
  const intake = new Intake();
  let nowMs = 0;
  const clock = Object.assign(new ManualClock(), { nowMs: () => nowMs });
  const forwarder = new TmForwarder(intake, clock, limits);
  const publish = (
    instanceId: string,
    values: Readonly<Record<string, string>>,
    { componentName = "word", timeMs = 1, port = 1, exceptions = NO_EXCEPTIONS } = {},
  ) => {
    nowMs = timeMs;
    const source = intake.register(
      create(MetricPublisherSchema, { hostname: "h", port, componentName, instanceId }),
    );
    const metrics = Object.entries(values).map(([name, value]) => ({ name, value }));
    forwarder.note(intake.publish(source, { metrics, exceptions }, 1_700_000_000_000 - timeMs));
  };
  const take = (atMs: number) => {
    nowMs = atMs;
    return forwarder.take();
  };
  return { forwarder, publish, take };
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

test("restart() has all told again, to a master that knows nothing, as of when it was heard", () => {
  const { forwarder, publish, take } = bench();
  publish("w1", { mine: "1" });
  forwarder.take();
  forwarder.restart();
  const packets = take(9);
  expect(texts(packets)).toEqual(["names mine", "word/w1 at 1: 0 = 1"]);
  expect(packets[0]?.sentMs).toBe(9);
});

test("TmForwarder tells the lives of a daemon as one, at whichever port each was", () => {
  const { forwarder, publish } = bench();
  const componentName = "__stmgr__";
  publish("stmgr-1", { "__execute-count/a": "1000" }, { componentName, port: 1 });
  publish("stmgr-1", { "__execute-count/a": "200" }, { componentName, port: 2, timeMs: 2 });
  const told = ["names __execute-count/a", "__stmgr__/stmgr-1 at 2: 0 = 1200"];
  expect(texts(forwarder.take())).toEqual(told);
  forwarder.restart();
  expect(texts(forwarder.take())).toEqual(told);
});

test("TmForwarder leaves room for the system's names, and for users' of other components", () => {
  const { forwarder, publish } = bench({ namesMax: 6, userNamesMax: 4, componentNamesMax: 2 });
  publish("w1", { a: "1", b: "2", c: "3", d: "4" });
  publish("c1", { e: "1" }, { componentName: "count" });
  publish("s1", { f: "1", g: "1" }, { componentName: "sink" });
  publish("w1", { "__emit-count/x": "1", "__emit-count/y": "1", "__emit-count/z": "1" });
  const names = () => forwarder.take().flatMap((packet) => packet.names ?? []);
  expect(names()).toEqual(["a", "b", "__emit-count/x", "__emit-count/y", "__emit-count/z", "e"]);
  expect(forwarder.leftOut).toBe(4);
  forwarder.restart();
  expect(names()).toHaveLength(6);
});

test("TmForwarder tells of the tasks that were too slow, not of all others", () => {
  const { forwarder, publish } = bench();
  const name = "__time_spent_back_pressure_by_compid/";
  const tell = (fast: string, slow: string) => {
    publish("s1", { [`${name}fast`]: fast, [`${name}slow`]: slow }, { componentName: "__stmgr__" });
    return texts(forwarder.take());
  };
  expect(tell("0", "7")).toEqual([`names ${name}slow`, "__stmgr__/s1 at 1: 0 = 7"]);
  expect(tell("0", "0")).toEqual(["__stmgr__/s1 at 1:  = "]);
  expect(tell("3", "1")).toEqual([`names ${name}fast`, "__stmgr__/s1 at 1: 1,0 = 3,8"]);
});

test("TmForwarder lets a few exceptions wait, and counts the rest", () => {
  const { forwarder, publish } = bench({ exceptionsMax: 2 });
  const exceptions = [1, 2, 3].map((at) => ({
    stacktrace: `s${at}`,
    firsttime: "",
    lasttime: "",
    logging: "",
    count: 1,
  }));
  publish("w1", { a: "1" }, { exceptions });
  publish("w2", { a: "1" }, { exceptions });
  const [packet] = forwarder.take();
  expect(packet?.sources?.map((one) => one.exceptions?.length)).toEqual([2, 0]);
  expect(forwarder.leftOut).toBe(4);
});
