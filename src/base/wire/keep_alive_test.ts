import { expect, test } from "bun:test";
import { ManualClock } from "../mod.ts";
import { KeepAlive } from "./keep_alive.ts";

function setUp() {
  const clock = new ManualClock();
  const events: string[] = [];
  const note = (event: string) => () => void events.push(`${event} ${clock.nowMs()}`);
  const keepAlive = new KeepAlive(clock, { pingMs: 3000, silenceMs: 10_000 }, {
    ping: note("ping"),
    silent: note("silent"),
    tick() {},
  });
  return { clock, events, keepAlive };
}

test("KeepAlive pings a quiet peer and gives it up after the silence", async () => {
  const { clock, events } = setUp();
  await clock.advance(60_000);
  expect(events).toEqual(["ping 3000", "ping 6000", "ping 9000", "silent 10000"]);
});

test("KeepAlive.heard() puts off pings and silence", async () => {
  const { clock, events, keepAlive } = setUp();
  for (let i = 0; i < 20; i++) {
    await clock.advance(2000);
    keepAlive.heard();
  }
  expect(events).toEqual([]);
  await clock.advance(3000);
  expect(events).toEqual(["ping 43000"]);
  keepAlive.heard();
  await clock.advance(9000);
  expect(events.filter((event) => event.startsWith("silent"))).toEqual([]);
  await clock.advance(1000);
  expect(events.at(-1)).toBe("silent 53000");
});

test("KeepAlive does not take its own standstill for the peer's silence", async () => {
  const { clock, events } = setUp();
  await clock.advance(1000);
  // The process stands still for a minute, then its timers run before its sockets are read.
  clock.jump(60_000);
  await clock.advance(7000);
  expect(events).toEqual(["ping 61000", "ping 64000", "ping 67000", "silent 68000"]);
});

test("KeepAlive.stop() leaves no timer", async () => {
  const { clock, events, keepAlive } = setUp();
  keepAlive.stop();
  expect(clock.timers).toBe(0);
  await clock.advance(60_000);
  expect(events).toEqual([]);
});
