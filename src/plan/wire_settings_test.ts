import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { ReachSchema } from "../base/gen/heron_bin/job_pb.ts";
import { systemConfigFrom } from "../base/config/mod.ts";
import { hostname } from "node:os";
import { encodeFrame, packTable } from "../base/wire/mod.ts";
import { backoffOf, hostsOf, limitsOf } from "./wire_settings.ts";

test("limitsOf() and backoffOf() take the topology's configuration", () => {
  const config = systemConfigFrom({
    "net.silence.ms": 7000,
    "net.frame.bytes": 1_000_000,
    "net.reconnect.min.ms": 20,
  });
  expect(limitsOf(config, { containers: 1, tasks: 2 })).toMatchObject({
    silenceMs: 7000,
    frameBytesMax: 1_000_000,
  });
  expect(backoffOf(config)).toMatchObject({ firstMs: 20, maxMs: config.netReconnectMaxMs });
});

test("limitsOf() leaves room for a hello with the lives of all tasks and stream managers", () => {
  // The largest that all can be.
  const incarnation = { epoch: 2 ** 32 - 1, counter: 2 ** 32 - 1 };
  const lives = packTable({
    tasks: Array(10_000).fill({ task: 2 ** 31 - 1, incarnation }),
    stmgrs: Array(100).fill({ stmgr: "stmgr-2147483647", incarnation }),
  });
  if (lives === undefined) throw new TypeError("no lives");
  const hello = encodeFrame({ body: { case: "hello", value: { lives } } });
  const { helloBytesMax = 0 } = limitsOf(systemConfigFrom({}), { containers: 100, tasks: 10_000 });
  expect(hello.length).toBeGreaterThan(64 * 1024);
  expect(hello.length).toBeLessThan(helloBytesMax);
});

test("hostsOf() keeps to loopback unless the job is on several machines", () => {
  const interfaces = {
    ib0: [{ address: "10.1.2.3", family: "IPv4", internal: false }],
    eth0: [{ address: "192.168.7.4", family: "IPv4", internal: false }],
  };
  const hostsFor = (reach: MessageInitShape<typeof ReachSchema>) =>
    hostsOf({ reach: create(ReachSchema, reach) }, interfaces);
  expect(hostsOf({})).toEqual({ listen: "127.0.0.1", reached: "127.0.0.1" });
  expect(hostsFor({})).toEqual({ listen: "0.0.0.0", reached: hostname() });
  expect(hostsFor({ interface: "eth0" })).toEqual({
    listen: "192.168.7.4",
    reached: "192.168.7.4",
  });
  expect(hostsFor({ network: "10.0.0.0/8" })).toEqual({ listen: "10.1.2.3", reached: "10.1.2.3" });
  expect(() => hostsFor({ interface: "ib1" })).toThrow('in interface "ib1": found ib0 10.1.2.3');
});
