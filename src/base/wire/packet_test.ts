import { expect, test } from "bun:test";
import { createPacket, decodePacket, encodePacket } from "./packet.ts";

test("decodePacket() takes back what encodePacket() made, from the middle of an array", () => {
  const packet = createPacket({
    requestId: 7,
    body: { case: "output", value: { task: 3, lines: ["a", "ü"] } },
  });
  const bytes = encodePacket(packet);
  const padded = Buffer.concat([Buffer.from([1, 2]), bytes, Buffer.from([3])]);
  expect(decodePacket(padded, 2, 2 + bytes.length)).toEqual(packet);
});

test("decodePacket() makes a protocol error of bytes that are no packet", () => {
  const broken = new Uint8Array([0x52, 0x7f, 0x00]);
  expect(() => decodePacket(broken, 0, broken.length)).toThrow(
    expect.objectContaining({ code: "protocol" }),
  );
});
