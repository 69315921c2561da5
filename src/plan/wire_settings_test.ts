import { expect, test } from "bun:test";
import { systemConfigFrom } from "../base/config/mod.ts";
import { backoffOf, limitsOf } from "./wire_settings.ts";

test("limitsOf() and backoffOf() take the topology's configuration", () => {
  const config = systemConfigFrom({
    "net.silence.ms": 7000,
    "net.frame.bytes": 1_000_000,
    "net.reconnect.min.ms": 20,
  });
  expect(limitsOf(config)).toMatchObject({ silenceMs: 7000, frameBytesMax: 1_000_000 });
  expect(backoffOf(config)).toMatchObject({ firstMs: 20, maxMs: config.netReconnectMaxMs });
});
