import { expect, test } from "bun:test";
import { AckReader } from "../tuples/mod.ts";
import { acksFor, FakeLink, frameFor } from "../../tests/support/stmgr_bench.ts";
import { Outlet } from "./outlet.ts";

/** What is left of each root after all acks that `link` was sent, by slot. */
function xorsOf(link: FakeLink): Map<number, number> {
  const xors = new Map<number, number>();
  const reader = new AckReader();
  for (const bytes of link.frames) {
    // A frame of more than 127 B has two more bytes in front.
    reader.open(bytes, (bytes[0] ?? 0) < 0x80 ? 3 : 5, bytes.length);
    while (reader.next()) {
      xors.set(reader.slot, (xors.get(reader.slot) ?? 0) ^ reader.xorLow);
    }
  }
  return xors;
}

function sendAcks(outlet: Outlet, slot: number, xorLow: number): void {
  outlet.sendAcks(acksFor(1, slot, xorLow));
}

test("Outlet holds frames until there is a link, and acks merged behind them", () => {
  const outlet = new Outlet(1000);
  sendAcks(outlet, 1, 0b101);
  const frame = frameFor(3).bytes;
  outlet.send(frame, 0, frame.length);
  sendAcks(outlet, 1, 0b110);
  expect(outlet.waitingBytes).toBeGreaterThan(frame.length);
  const link = new FakeLink();
  outlet.attach(link);
  expect(link.bodies).toEqual(["marker", "acks"]);
  link.frames.shift();
  expect([...xorsOf(link)]).toEqual([[1, 0b011]]);
  expect(outlet.heldBytes).toBe(0);
});

test("Outlet sends acks as they come while the link is quick", () => {
  const outlet = new Outlet(1000);
  const link = new FakeLink();
  outlet.attach(link);
  link.queuedBytes = 1000;
  sendAcks(outlet, 1, 7);
  sendAcks(outlet, 1, 8);
  expect(link.frames).toEqual([acksFor(1, 1, 7).bytes, acksFor(1, 1, 8).bytes]);
  expect([outlet.packets, outlet.bytes]).toEqual([2, 2 * acksFor(1, 1, 7).bytes.length]);
});

test("Outlet merges acks for a link that is stopped: what waits is bounded by slots, and comes out complete", () => {
  const outlet = new Outlet(1000);
  const link = new FakeLink();
  outlet.attach(link);
  link.queuedBytes = 1001;
  const expected = new Map<number, number>();
  for (let round = 1; round <= 20_000; round++) {
    const [slot, xor] = [round % 100, Math.imul(round, 0x9e3779b1)];
    expected.set(slot, (expected.get(slot) ?? 0) ^ xor);
    sendAcks(outlet, slot, xor);
  }
  expect(outlet.heldBytes).toBeLessThan(100 * 30 + 100);
  expect(link.frames).toEqual([]);
  link.queuedBytes = 1000;
  outlet.drained();
  expect(xorsOf(link)).toEqual(expected);
  expect(outlet.heldBytes).toBe(0);
});

test("Outlet sends merged acks with the next ones that find room", () => {
  const outlet = new Outlet(1000);
  const link = new FakeLink();
  outlet.attach(link);
  link.queuedBytes = 1001;
  sendAcks(outlet, 1, 1);
  link.queuedBytes = 0;
  sendAcks(outlet, 2, 2);
  expect([...xorsOf(link)]).toEqual([[1, 1], [2, 2]]);
});

test("Outlet keeps merged acks over the end of a link, and frames that begin nowhere twice", () => {
  const outlet = new Outlet(1000);
  const [first, second] = [new FakeLink(), new FakeLink()];
  outlet.attach(first);
  const frame = frameFor(3).bytes;
  outlet.send(frame, 0, frame.length);
  first.queuedBytes = 5000;
  sendAcks(outlet, 1, 1);
  expect(outlet.detach(second)).toBe(false);
  expect(outlet.detach(first)).toBe(true);
  outlet.drained();
  outlet.attach(second);
  expect(second.bodies).toEqual(["acks"]);
});

test("Outlet.tell() reaches a link in order and nobody else", () => {
  const outlet = new Outlet(1000);
  const notice = frameFor(9).bytes;
  outlet.tell(notice);
  expect(outlet.heldBytes).toBe(0);
  const frame = frameFor(3).bytes;
  outlet.send(frame, 0, frame.length);
  const link = new FakeLink();
  outlet.attach(link);
  outlet.tell(notice);
  expect(link.frames).toEqual([frame, notice]);
  expect(outlet.packets).toBe(1);
});
