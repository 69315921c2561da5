import { expect, test } from "bun:test";
import { encodePacket, packedSize, packedValue, readVarint } from "../base/wire/mod.ts";
import { MetricFrames } from "./metric_frame.ts";
import type { MetricValue } from "./metric_registry.ts";

/** The packet of a frame, as the library encodes it. */
function encoded(metrics: readonly MetricValue[]): Uint8Array {
  return encodePacket({ body: { case: "publishMetrics", value: { metrics: [...metrics] } } });
}

function packetIn(frame: Uint8Array): Uint8Array {
  const packed = readVarint(frame, 0, frame.length);
  expect(packedSize(packed) + packedValue(packed)).toBe(frame.length);
  return frame.slice(packedSize(packed));
}

test("MetricFrames.frameOf() writes what the library writes, again and again", () => {
  const frames = new MetricFrames();
  const many = Array.from({ length: 3000 }, (_, at) => ({ name: `n${at}`, value: `-${at}.5` }));
  const long = [{ name: "\u20ac".repeat(100), value: "1".repeat(200) }];
  for (const metrics of [[], [{ name: "a", value: "1e+21" }], long, many, long, many.slice(0, 3)]) {
    expect(packetIn(frames.frameOf(metrics))).toEqual(encoded(metrics));
  }
});
