import { expect, test } from "bun:test";
import { systemConfigFrom } from "../base/config/mod.ts";
import { hostname } from "node:os";
import { encodeFrame, packTable } from "../base/wire/mod.ts";
import type { CheckedJob } from "./job.ts";
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

test("hostsOf() keeps a local cluster on loopback", () => {
  // Only the cluster is looked at.
  const hostsIn = (cluster: string) => hostsOf({ cluster } as CheckedJob);
  expect(hostsIn("local")).toEqual({ listen: "127.0.0.1", reached: "127.0.0.1" });
  expect(hostsIn("slurm")).toEqual({ listen: "0.0.0.0", reached: hostname() });
});
