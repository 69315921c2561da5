import { expect, test } from "bun:test";
import { FakeSocket, nextTurn } from "../../../tests/support/wire.ts";
import { ManualClock } from "../mod.ts";
import { completeLimits, type WireLimits } from "./limits.ts";
import { Link } from "./link.ts";

function setUp(limits: Partial<WireLimits> = {}) {
  const socket = new FakeSocket();
  const clock = new ManualClock();
  const events: string[] = [];
  const link = new Link(socket, {
    clock,
    limits: completeLimits(limits),
    remoteAddress: "there:1",
    onGone: () => void events.push("gone"),
  });
  link.receiver = {
    received: (chunk) => void events.push(`received ${chunk.length}`),
    drained: () => void events.push("drained"),
    ended: (cause) => void events.push(`ended ${cause?.message ?? "clean"}`),
  };
  return { socket, clock, events, link };
}

const BYTES = new Uint8Array(1000);

test("Link.send() writes once at the end of the turn", async () => {
  const { socket, link } = setUp();
  for (let i = 0; i < 10; i++) link.send(BYTES, 0, 100);
  expect(socket.writes).toEqual([]);
  await nextTurn();
  expect(socket.writes).toEqual([1000]);
});

test("Link.send() waits for the end of the turn, not of the callback", async () => {
  const { socket, link } = setUp();
  for (let i = 0; i < 3; i++) {
    link.send(BYTES, 0, 100);
    // As between the data callbacks of two sockets in one turn.
    for (let step = 0; step < 10; step++) await Promise.resolve();
  }
  expect(socket.writes).toEqual([]);
  await nextTurn();
  expect(socket.writes).toEqual([300]);
});

test("Link pauses a socket that fills the turn, until the next", async () => {
  const { socket, events, link } = setUp({ turnBytesMax: 1500 });
  link.received(BYTES);
  expect(socket.calls).toEqual([]);
  link.received(BYTES);
  expect(socket.calls).toEqual(["pause"]);
  await nextTurn();
  expect(socket.calls).toEqual(["pause", "resume"]);
  link.received(BYTES);
  await nextTurn();
  expect(socket.calls.length).toBe(2);
  expect(events.length).toBe(3);
});

test("Link counts the bytes of turns that bring little together, up to half of what pauses it", async () => {
  const { socket, link } = setUp({ turnBytesMax: 5000 });
  for (let turn = 0; turn < 20; turn++) {
    link.received(BYTES);
    await nextTurn();
  }
  expect(socket.calls).toEqual([]);
  for (let chunk = 0; chunk < 4; chunk++) link.received(BYTES);
  expect(socket.calls).toEqual(["pause"]);
  await nextTurn();
  expect(socket.calls).toEqual(["pause", "resume"]);
});

test("Link.hold() and release() stop and start reading", () => {
  const { socket, link } = setUp();
  link.hold();
  link.release();
  link.release();
  expect(socket.calls).toEqual(["pause", "resume"]);
});

test("Link tells its receiver when all that was blocked has left", () => {
  const { socket, events, link } = setUp({ flushBytes: 10 });
  socket.takes = 300;
  link.send(BYTES, 0, 1000);
  expect(link.queuedBytes).toBe(700);
  link.drained();
  expect([link.queuedBytes, events.length]).toEqual([400, 0]);
  socket.takes = Infinity;
  link.drained();
  expect([link.queuedBytes, events]).toEqual([0, ["drained"]]);
  link.drained();
  expect(events).toEqual(["drained"]);
});

test("Link.finish() sends what waits, then FIN, and drops what still comes", async () => {
  const { socket, events, clock, link } = setUp({ flushBytes: 10 });
  socket.takes = 600;
  link.send(BYTES, 0, 1000);
  link.finish();
  expect(socket.calls).toEqual([]);
  link.received(BYTES);
  link.send(BYTES, 0, 1000);
  link.drained();
  expect(socket.calls).toEqual(["shutdown"]);
  expect(socket.take().length).toBe(1000);
  link.closed(undefined);
  expect(events).toEqual(["gone"]);
  await clock.advance(10_000);
  expect([socket.calls, clock.timers]).toEqual([["shutdown"], 0]);
});

test("Link.finish() ends a socket whose peer never closes or reads", async () => {
  for (const takes of [Infinity, 0]) {
    const { socket, clock, link } = setUp({ lingerMs: 500 });
    socket.takes = takes;
    link.send(BYTES, 0, 1000);
    link.finish();
    await clock.advance(499);
    expect(socket.calls).not.toContain("terminate");
    await clock.advance(1);
    expect(socket.calls).toContain("terminate");
  }
});

test("Link.cut() writes what the kernel takes and closes at once", () => {
  const { socket, events, link } = setUp();
  link.send(BYTES, 0, 10);
  link.cut();
  expect([socket.writes, socket.calls]).toEqual([[10], ["end"]]);
  link.closed(undefined);
  link.closed(undefined);
  link.cut();
  expect(events).toEqual(["gone"]);
});

test("Link tells its receiver of an end that the peer made, once", () => {
  const { socket, events, link } = setUp();
  link.closed(new Error("reset"));
  link.closed(undefined);
  link.finish();
  link.release();
  expect([events, socket.calls]).toEqual([["gone", "ended reset"], []]);
});
