import { expect, test } from "bun:test";
import { systemConfigFrom } from "../base/config/mod.ts";
import { hostname } from "node:os";
import type { CheckedJob } from "./job.ts";
import { backoffOf, hostsOf, limitsOf } from "./wire_settings.ts";

test("limitsOf() and backoffOf() take the topology's configuration", () => {
  const config = systemConfigFrom({
    "net.silence.ms": 7000,
    "net.frame.bytes": 1_000_000,
    "net.reconnect.min.ms": 20,
  });
  expect(limitsOf(config)).toMatchObject({ silenceMs: 7000, frameBytesMax: 1_000_000 });
  expect(backoffOf(config)).toMatchObject({ firstMs: 20, maxMs: config.netReconnectMaxMs });
});

test("hostsOf() keeps a local cluster on loopback", () => {
  // Only the cluster is looked at.
  const hostsIn = (cluster: string) => hostsOf({ cluster } as CheckedJob);
  expect(hostsIn("local")).toEqual({ listen: "127.0.0.1", reached: "127.0.0.1" });
  expect(hostsIn("slurm")).toEqual({ listen: "0.0.0.0", reached: hostname() });
});
