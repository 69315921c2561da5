/** Virtual time: events in order, processes that are held, links that carry, lose and close. */

import { expect, test } from "bun:test";
import { EventQueue } from "./event_queue.ts";
import { type LinkHandlers, openLink } from "./virtual_link.ts";
import { ProcessClock } from "./process_clock.ts";
import { CLOCK_DRIFT_MAX, VirtualProcess } from "./virtual_process.ts";
import { VirtualWorld } from "./virtual_world.ts";

test("EventQueue gives events by time, those of one time by order", () => {
  const queue = new EventQueue();
  const seen: string[] = [];
  for (const [index, timeMs] of [5, 1, 3, 1, 4, 5, 0, 3].entries()) {
    queue.push(timeMs, () => void seen.push(`${timeMs}.${index}`));
  }
  for (let event = queue.pop(); event !== undefined; event = queue.pop()) event.run();
  expect(seen).toEqual(["0.6", "1.1", "1.3", "3.2", "3.7", "4.4", "5.0", "5.5"]);
  expect(queue.size).toBe(0);
});

test("VirtualWorld lets promises settle between events that ask for it", async () => {
  const world = new VirtualWorld(1);
  const seen: string[] = [];
  void world.sleep(10).then(() => Promise.resolve()).then(() => seen.push("settled"));
  world.at(10, () => void seen.push("event of the same time"));
  world.at(11, () => void seen.push("event after"));
  await world.run(() => false);
  expect(seen).toEqual(["settled", "event of the same time", "event after"]);
  expect(world.nowMs()).toBe(11);
});

test("VirtualWorld ends with the first broken property and keeps the last events", async () => {
  const world = new VirtualWorld(1, true);
  world.every(1, () => world.note(() => "tick"));
  world.after(50, () => world.break("first"));
  world.after(50, () => world.break("second"));
  await world.run(() => false);
  expect(world.broken).toBe("first");
  expect(world.trace).toHaveLength(30);
  expect(world.trace.at(-1)).toContain("broken: first");
});

test("VirtualProcess does things in order, and nothing while it is held", async () => {
  const world = new VirtualWorld(2);
  const process = new VirtualProcess("p", world, 1);
  const done: [number, number][] = [];
  for (let item = 0; item < 50; item++) {
    world.at(item, () => process.post(() => void done.push([item, world.nowMs()])));
  }
  world.at(20, () => process.holdUntil(500));
  await world.run(() => false);
  expect(done.map(([item]) => item)).toEqual(Array.from({ length: 50 }, (_, item) => item));
  expect(done.filter(([, atMs]) => atMs > 20 && atMs < 500)).toEqual([]);
});

/** A link whose ends write down what they see. */
function createLink(kernelBytes = 1_000) {
  const world = new VirtualWorld(3);
  const seen: string[] = [];
  const lost: number[] = [];
  const side = (name: string) => {
    const handlers: LinkHandlers = {
      frame: (_end, bytes) => void seen.push(`${name} got ${bytes[0]}`),
      drained: () => void seen.push(`${name} drained`),
      closed: () => void seen.push(`${name} closed`),
    };
    return { process: new VirtualProcess(name, world, 1), handlers };
  };
  const [first, second] = [side("first"), side("second")];
  const quality = { latencyMaxMs: 2, bytesPerMs: 100, kernelBytes };
  const lose = (bytes: Uint8Array): void => void lost.push(bytes[0] ?? 0);
  const [end, other] = openLink({ world, first, second, quality, lost: lose });
  return { world, end, other, seen, lost, first, second };
}

function frame(first: number): Uint8Array {
  return Uint8Array.of(first, ...new Array<number>(99).fill(0));
}

const AT_ONCE = { firstMs: 0, secondMs: 0, tellsWriter: false };

test("openLink() carries frames in order", async () => {
  const { world, end, seen } = createLink();
  for (let index = 0; index < 5; index++) end.sendFrame(frame(index), 0, 100);
  await world.run(() => false);
  expect(seen.filter((one) => one.startsWith("second"))).toEqual([
    ...[0, 1, 2, 3, 4].map((index) => `second got ${index}`),
  ]);
});

test("LinkEnd queues what a stopped side does not take, and tells when it has drained", async () => {
  const { world, end, seen, second } = createLink(300);
  second.process.holdUntil(1_000);
  for (let index = 0; index < 10; index++) end.sendFrame(frame(index), 0, 100);
  expect(end.queuedBytes).toBe(700);
  world.at(900, () => expect(end.queuedBytes).toBe(700));
  await world.run(() => false);
  expect(end.queuedBytes).toBe(0);
  expect(seen.at(-1) === "first drained" || seen.includes("first drained")).toBe(true);
  expect(end.queuedBytesMax).toBe(700);
});

test("cut() loses what is on the way and tells both sides once", async () => {
  const { world, end, seen, lost, second } = createLink(300);
  second.process.holdUntil(100);
  for (let index = 0; index < 10; index++) end.sendFrame(frame(index), 0, 100);
  world.at(50, () => end.cut(AT_ONCE));
  world.at(60, () => end.sendFrame(frame(77), 0, 100));
  await world.run(() => false);
  const got = seen.filter((one) => one.startsWith("second got")).length;
  expect(got + lost.length).toBe(11);
  expect(lost).toContain(77);
  expect(seen.filter((one) => one.endsWith("closed")).sort()).toEqual([
    "first closed",
    "second closed",
  ]);
});

test("cut() tells one end late, or when it writes", async () => {
  for (const tellsWriter of [false, true]) {
    const { world, end, seen } = createLink();
    world.at(10, () => end.cut({ firstMs: 5_000, secondMs: 0, tellsWriter }));
    world.at(100, () => end.sendFrame(frame(1), 0, 100));
    await world.run(() => seen.includes("first closed"));
    expect(world.nowMs() < 200).toBe(tellsWriter);
  }
});

test("blockUntil() holds back what is on the way, and loses none of it", async () => {
  const { world, end, seen } = createLink();
  end.blockUntil(500);
  for (let index = 0; index < 3; index++) end.sendFrame(frame(index), 0, 100);
  world.at(499, () => expect(seen).toEqual([]));
  await world.run(() => false);
  expect(seen).toEqual(["second got 0", "second got 1", "second got 2"]);
});

test("kill() of a process loses its queue, and what its kernel had may arrive before the end", async () => {
  const { world, end, seen, lost, first, second } = createLink(300);
  second.process.holdUntil(100);
  for (let index = 0; index < 10; index++) end.sendFrame(frame(index), 0, 100);
  world.at(50, () => first.process.kill());
  first.process.post(() => void seen.push("first works"));
  world.at(60, () => first.process.post(() => void seen.push("first works on")));
  await world.run(() => false);
  const got = seen.filter((one) => one.startsWith("second got"));
  expect(got.length + lost.length).toBe(10);
  expect(got.length).toBeLessThanOrEqual(3);
  expect(seen.at(-1)).toBe("second closed");
  expect(seen).toContain("first works");
  expect(seen).not.toContain("first works on");
  expect(seen).not.toContain("first closed");
});

test("close() tells this side at once and the other behind what was sent", async () => {
  const { world, end, other, seen } = createLink();
  end.close();
  expect(seen).toEqual(["first closed"]);
  await world.run(() => false);
  expect(seen.at(-1)).toBe("second closed");
  expect([end.isClosed, other.isClosed, end.isAlive]).toEqual([true, true, false]);
});

test("ProcessClock runs by itself: durations are nearly the same, times are not", async () => {
  const world = new VirtualWorld(5);
  const one = new VirtualProcess("one", world, 0);
  const other = new VirtualProcess("other", world, 0);
  expect(one.clock).toBeInstanceOf(ProcessClock);
  expect(Math.abs(one.clock.nowMs() - other.clock.nowMs())).toBeGreaterThan(1);
  const startMs = one.clock.nowMs();
  let ticks = 0;
  let endMs = 0;
  const timer = one.clock.every(100, () => {
    endMs = one.clock.nowMs();
    if (++ticks === 10) timer.cancel();
  });
  await world.run(() => false);
  expect(ticks).toBe(10);
  expect(endMs - startMs).toBeWithin(999, 1_002);
  expect(Math.abs(world.nowMs() - 1_100)).toBeLessThanOrEqual(1_100 * CLOCK_DRIFT_MAX + 1);
  expect(one.clock.toWorldMs(one.clock.nowMs())).toBeCloseTo(world.nowMs(), 6);
});
