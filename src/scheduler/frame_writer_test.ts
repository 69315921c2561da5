import { expect, test } from "bun:test";
import { type HeronError, ManualClock } from "../base/mod.ts";
import type { PacketInit } from "../base/wire/mod.ts";
import { bodiesOf, nextTurn } from "../../tests/support/wire.ts";
import { FrameWriter } from "./frame_writer.ts";

const DRAIN: PacketInit = { body: { case: "drain", value: {} } };
// A frame of 104 B.
const OUTPUT: PacketInit = { body: { case: "output", value: { lines: ["x".repeat(97)] } } };

/** A pipe whose flushes wait until they are let go, or break. */
class FakePipe {
  readonly written: Uint8Array[] = [];
  readonly broken: HeronError[] = [];
  readonly clock = new ManualClock();
  readonly writer: FrameWriter;
  #flush = Promise.withResolvers<void>();

  constructor(queueBytesMax: number) {
    this.writer = new FrameWriter({
      sink: {
        write: (bytes) => void this.written.push(bytes),
        flush: () => this.#flush.promise,
      },
      queueBytesMax,
      clock: this.clock,
      onBroken: (error) => void this.broken.push(error),
    });
  }

  get bodies(): string[] {
    return bodiesOf(Buffer.concat(this.written));
  }

  async flushed(): Promise<void> {
    this.#flush.resolve();
    this.#flush = Promise.withResolvers();
    await nextTurn();
  }

  async break(): Promise<void> {
    this.#flush.reject(Object.assign(new Error("broken pipe"), { code: "EPIPE" }));
    await nextTurn();
  }
}

/** Follows whether a promise has resolved. */
function follow(promise: Promise<void>): { isDone: boolean } {
  const followed = { isDone: false };
  void promise.then(() => {
    followed.isDone = true;
  });
  return followed;
}

test("write() writes frames in order and waits while too much is on its way", async () => {
  const pipe = new FakePipe(250);
  const first = [OUTPUT, OUTPUT, DRAIN, DRAIN].map((packet) => follow(pipe.writer.write(packet)));
  await nextTurn();
  expect(first.every(({ isDone }) => isDone)).toBe(true);
  expect(pipe.bodies).toEqual(["output", "output", "drain", "drain"]);
  const second = [OUTPUT, DRAIN].map((packet) => follow(pipe.writer.write(packet)));
  await nextTurn();
  expect(second.some(({ isDone }) => isDone)).toBe(false);
  expect(pipe.bodies.length).toBe(4);
  expect(pipe.writer.queuedBytes).toBeGreaterThan(300);
  await pipe.flushed();
  expect(second.every(({ isDone }) => isDone)).toBe(true);
  expect(pipe.bodies.slice(4)).toEqual(["output", "drain"]);
  await pipe.flushed();
  expect(pipe.writer.queuedBytes).toBe(0);
});

test("flushed() waits for all, also for what is written meanwhile", async () => {
  const pipe = new FakePipe(1000);
  await pipe.writer.write(DRAIN);
  const all = follow(pipe.writer.flushed());
  await nextTurn();
  await pipe.writer.write(DRAIN);
  await pipe.flushed();
  await nextTurn();
  expect(all.isDone).toBe(false);
  await pipe.flushed();
  expect(all.isDone).toBe(true);
});

test("idleMs counts from the last movement, and is 0 while something is on its way", async () => {
  const pipe = new FakePipe(1000);
  await pipe.clock.advance(50);
  expect(pipe.writer.idleMs).toBe(50);
  await pipe.writer.write(DRAIN);
  await pipe.clock.advance(50);
  expect(pipe.writer.idleMs).toBe(0);
  await pipe.flushed();
  await pipe.clock.advance(7);
  expect(pipe.writer.idleMs).toBe(7);
});

test("a pipe that nobody reads any more is told once, and holds up nobody", async () => {
  const pipe = new FakePipe(100);
  const waiting = follow(pipe.writer.write(OUTPUT));
  await nextTurn();
  await pipe.break();
  expect(waiting.isDone).toBe(true);
  expect(pipe.broken.map(({ code }) => code)).toEqual(["unavailable"]);
  await pipe.writer.write(OUTPUT);
  await pipe.writer.flushed();
  expect(pipe.bodies).toEqual(["output"]);
  expect(pipe.writer.queuedBytes).toBe(0);
});
