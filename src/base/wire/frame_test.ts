import { expect, test } from "bun:test";
import { sizeDelimitedEncode } from "@bufbuild/protobuf/wire";
import { PacketSchema } from "../gen/heron_bin/packet_pb.ts";
import { HeronError, seededRandom } from "../mod.ts";
import { encodeFrame, type FrameBounds, FrameDecoder, type FrameSink } from "./frame.ts";
import { createPacket, type PacketInit } from "./packet.ts";

const LIMIT_BYTES = 1 << 20;

function stop(bytes: number): PacketInit {
  return { body: { case: "stop", value: { reason: "x".repeat(bytes) } } };
}

/** Collects copies of frames; `inPlace` counts those that lay in the chunk itself. */
class Collector implements FrameSink {
  readonly frames: string[] = [];
  readonly arrays: Uint8Array[] = [];
  untilFrames = Infinity;

  frame(bytes: Uint8Array, { start, packetStart, end }: FrameBounds): boolean {
    this.frames.push(`${packetStart - start}:${hex(bytes.subarray(start, end))}`);
    this.arrays.push(bytes);
    return this.frames.length < this.untilFrames;
  }
}

function hex(bytes: Uint8Array): string {
  return bytes.toHex();
}

function expectedFrames(frames: readonly Uint8Array[]): string[] {
  return frames.map((frame) => `${frame.length > 129 ? 2 : 1}:${hex(frame)}`);
}

test("encodeFrame() writes what protobuf-es calls size delimited", () => {
  for (const bytes of [0, 1, 120, 200, 20_000]) {
    const packet = createPacket(stop(bytes));
    expect(hex(encodeFrame(packet))).toBe(hex(sizeDelimitedEncode(PacketSchema, packet)));
  }
});

test("FrameDecoder.feed() gives the same frames at every cut", () => {
  const frames = [0, 3, 200, 1, 140].map((bytes) => encodeFrame(stop(bytes)));
  const stream = Buffer.concat(frames);
  for (let cut = 0; cut <= stream.length; cut++) {
    const sink = new Collector();
    const decoder = new FrameDecoder(LIMIT_BYTES);
    expect(decoder.feed(stream.subarray(0, cut), 0, sink)).toBe(cut);
    expect(decoder.feed(stream.subarray(cut), 0, sink)).toBe(stream.length - cut);
    expect(sink.frames).toEqual(expectedFrames(frames));
    expect(decoder.heldBytes).toBe(0);
  }
});

test("FrameDecoder.feed() takes seeded random cuts and byte after byte", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = seededRandom(seed);
    const frames = Array.from({ length: 20 }, () => encodeFrame(stop(random.below(700))));
    const stream = Buffer.concat(frames);
    const sink = new Collector();
    const decoder = new FrameDecoder(LIMIT_BYTES);
    for (let at = 0; at < stream.length;) {
      const length = seed === 1 ? 1 : random.below(900);
      decoder.feed(stream.subarray(at, at + length), 0, sink);
      at += length;
    }
    const what = sink.frames.map((frame) => frame.slice(2));
    expect(what, `seed ${seed}`).toEqual(frames.map(hex));
  }
});

test("FrameDecoder.feed() copies no frame that lies whole in the chunk", () => {
  const [first, second, third] = [
    encodeFrame(stop(50)),
    encodeFrame(stop(60)),
    encodeFrame(stop(70)),
  ];
  const sink = new Collector();
  const decoder = new FrameDecoder(LIMIT_BYTES);
  const one = Buffer.concat([first, second, third.subarray(0, 10)]);
  const two = Buffer.concat([third.subarray(10), first]);
  decoder.feed(one, 0, sink);
  expect(decoder.heldBytes).toBe(10);
  decoder.feed(two, 0, sink);
  expect(sink.arrays.map((array) => array === one ? "one" : array === two ? "two" : "own"))
    .toEqual(["one", "one", "own", "two"]);
});

test("FrameDecoder.feed() never writes again into what it gave", () => {
  const frame = encodeFrame(stop(100));
  const sink = new Collector();
  const decoder = new FrameDecoder(LIMIT_BYTES);
  for (let i = 0; i < 2; i++) {
    decoder.feed(frame.subarray(0, 5), 0, sink);
    decoder.feed(frame.subarray(5), 0, sink);
  }
  expect(sink.arrays[0]).not.toBe(sink.arrays[1]);
});

test("FrameDecoder.feed() ends behind the frame at which the sink says so", () => {
  const frame = encodeFrame(stop(10));
  const stream = Buffer.concat([frame, frame, frame]);
  const sink = new Collector();
  sink.untilFrames = 1;
  const decoder = new FrameDecoder(LIMIT_BYTES);
  expect(decoder.feed(stream, 0, sink)).toBe(frame.length);
  expect(decoder.heldBytes).toBe(0);
  sink.untilFrames = Infinity;
  expect(decoder.feed(stream, frame.length, sink)).toBe(stream.length);
  expect(sink.frames.length).toBe(3);
  const split = new FrameDecoder(LIMIT_BYTES);
  sink.untilFrames = 4;
  split.feed(stream.subarray(0, 3), 0, sink);
  expect(split.feed(stream.subarray(3), 0, sink)).toBe(frame.length - 3);
});

test("FrameDecoder.feed() checks the limit before it takes memory", () => {
  const length = Buffer.from([0x81, 0x80, 0x40]); // 2^20 + 1
  for (let cut = 0; cut < 3; cut++) {
    const decoder = new FrameDecoder(LIMIT_BYTES);
    const run = (): void => {
      decoder.feed(length.subarray(0, cut), 0, new Collector());
      decoder.feed(length.subarray(cut), 0, new Collector());
    };
    expect(run).toThrow("1048577 B, expected at most 1048576 B");
    expect(decoder.roomBytes).toBeLessThanOrEqual(8);
  }
});

test("FrameDecoder.feed() takes memory as bytes come, not as a peer claims", () => {
  const frame = encodeFrame(stop(LIMIT_BYTES - 10));
  const decoder = new FrameDecoder(LIMIT_BYTES);
  const sink = new Collector();
  for (let at = 0; at < frame.length; at += 10_000) {
    decoder.feed(frame.subarray(at, at + 10_000), 0, sink);
    const got = Math.min(at + 10_000, frame.length);
    expect(decoder.roomBytes).toBeLessThanOrEqual(Math.max(64 * 1024, 2 * got));
  }
  expect(sink.frames.length).toBe(1);
  expect(decoder.roomBytes).toBe(0);
});

test("FrameDecoder.feed() refuses a length of more than 32 bits as a breach", () => {
  const bytes = new Uint8Array(6).fill(0xff);
  for (const cut of [0, 2, 4]) {
    const decoder = new FrameDecoder(LIMIT_BYTES);
    try {
      decoder.feed(bytes.subarray(0, cut), 0, new Collector());
      decoder.feed(bytes.subarray(cut), 0, new Collector());
      throw new Error("no throw");
    } catch (thrown) {
      expect(thrown).toBeInstanceOf(HeronError);
      expect(thrown).toHaveProperty("code", "protocol");
    }
  }
});
