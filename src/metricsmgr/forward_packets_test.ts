import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { ForwardMetricsSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { createPacket, encodePacket } from "../base/wire/mod.ts";
import { type ForwardInit, ForwardPackets } from "./forward_packets.ts";

const SOURCE = { component: "word", instance: "container_1_word_1", timeMs: 7 };

function sizeOf(packet: ForwardInit): number {
  const value = create(ForwardMetricsSchema, packet);
  return encodePacket(createPacket({ body: { case: "forwardMetrics", value } })).length;
}

test("ForwardPackets goes on with a long source in the next packet, names before their values", () => {
  const packets = new ForwardPackets(4096, 9);
  expect(packets.begin(SOURCE)).toBe(true);
  for (let at = 0; at < 1000; at++) packets.value(at, at + 0.5, `name-${at}`);
  const taken = packets.take();
  expect(Math.max(...taken.map(sizeOf))).toBeLessThanOrEqual(4096);
  expect(taken.every(({ sentMs, sources }) => sentMs === 9 && sources?.length === 1)).toBe(true);
  expect(new Set(taken.map(({ sources }) => sources?.[0]?.timeMs))).toEqual(new Set([7]));
  let names = 0;
  const values: (readonly [number, number | undefined])[] = [];
  for (const packet of taken) {
    names += packet.names?.length ?? 0;
    const [source] = packet.sources ?? [];
    for (const [index, number] of (source?.names ?? []).entries()) {
      expect(number).toBeLessThan(names);
      values.push([number, source?.values?.[index]]);
    }
  }
  expect(values).toEqual(Array.from({ length: 1000 }, (_, at) => [at, at + 0.5]));
});

test("ForwardPackets keeps exceptions within packets of the shortest frame, their texts cut", () => {
  const packets = new ForwardPackets(64 * 1024, 9);
  packets.begin(SOURCE);
  const text = "\u20ac".repeat(100_000);
  const exception = { stacktrace: text, logging: text, firsttime: text, lasttime: text, count: 1 };
  for (let at = 0; at < 256; at++) packets.exception(exception);
  const taken = packets.take();
  expect(Math.max(...taken.map(sizeOf))).toBeLessThanOrEqual(64 * 1024);
  const told = taken.flatMap(({ sources }) =>
    sources?.flatMap((one) => one.exceptions ?? []) ?? []
  );
  expect(told).toHaveLength(256);
  expect(told[0]?.stacktrace).toHaveLength(4096);
});

test("ForwardPackets tells of a source without news, and refuses a name that is too long", () => {
  const packets = new ForwardPackets(4096, 9);
  expect(packets.begin({ ...SOURCE, component: "x".repeat(2000) })).toBe(false);
  expect(packets.take()).toEqual([]);
  packets.begin(SOURCE);
  expect(packets.take()).toMatchObject([{ sources: [{ ...SOURCE, names: [] }] }]);
});
