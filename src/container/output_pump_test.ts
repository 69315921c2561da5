import { expect, test } from "bun:test";
import { OutputStream } from "../base/gen/heron_bin/packet_pb.ts";
import { ManualClock, silentLogger } from "../base/mod.ts";
import { nextTurn, until } from "../../tests/support/wire.ts";
import { OutputPump } from "./output_pump.ts";

type Feed = ReadableStreamDefaultController<Uint8Array>;

/** A stream that is fed by hand. */
function createStream() {
  let feed: Feed | undefined;
  let isCancelled = false;
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      feed = controller;
    },
    cancel() {
      isCancelled = true;
    },
  }, { highWaterMark: 0 });
  return {
    stream,
    print: (text: string) => feed?.enqueue(new TextEncoder().encode(text)),
    end: () => feed?.close(),
    fail: () => feed?.error(new Error("broken")),
    get isCancelled() {
      return isCancelled;
    },
  };
}

/** A pump whose deliveries wait until `give` lets them go. */
class Rig {
  readonly stdout = createStream();
  readonly stderr = createStream();
  readonly clock = new ManualClock();
  readonly delivered: (readonly [OutputStream, string[]])[] = [];
  readonly pump: OutputPump;
  isOpen = true;
  #waiting: (() => void)[] = [];

  constructor() {
    this.pump = new OutputPump({
      stdout: this.stdout.stream,
      stderr: this.stderr.stream,
      clock: this.clock,
      logger: silentLogger,
      deliver: (stream, lines) => {
        this.delivered.push([stream, lines]);
        return this.isOpen ? Promise.resolve() : new Promise((resolve) => {
          this.#waiting.push(resolve);
        });
      },
    });
  }

  give(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

test("the pump delivers the lines of both streams, the unended last ones too", async () => {
  const rig = new Rig();
  rig.stdout.print("a\nb\nc");
  rig.stderr.print("oh\n");
  rig.stdout.end();
  rig.stderr.end();
  await rig.pump.finish();
  expect(rig.delivered.filter(([stream]) => stream === OutputStream.STDOUT)).toEqual([
    [OutputStream.STDOUT, ["a", "b"]],
    [OutputStream.STDOUT, ["c"]],
  ]);
  expect(rig.delivered.filter(([stream]) => stream === OutputStream.STDERR)).toEqual([
    [OutputStream.STDERR, ["oh"]],
  ]);
});

test("the pump reads nothing more until what it read is taken, and finish() waits for that", async () => {
  const rig = new Rig();
  rig.isOpen = false;
  rig.stdout.print("a\n");
  rig.stdout.print("b\n");
  rig.stdout.end();
  rig.stderr.end();
  await until(() => rig.delivered.length === 1);
  let isFinished = false;
  const finished = rig.pump.finish().then(() => {
    isFinished = true;
  });
  // However long that takes.
  await rig.clock.advance(100_000);
  expect(rig.delivered.length).toBe(1);
  expect(isFinished).toBe(false);
  rig.give();
  await until(() => rig.delivered.length === 2);
  rig.give();
  await finished;
});

test("a large chunk is delivered in parts", async () => {
  const rig = new Rig();
  const line = `${"x".repeat(999)}\n`;
  rig.stdout.print(line.repeat(1000));
  rig.stdout.end();
  rig.stderr.end();
  await rig.pump.finish();
  expect(rig.delivered.length).toBe(4);
  expect(rig.delivered.flatMap(([, lines]) => lines)).toEqual(Array(1000).fill(line.trim()));
});

test("finish() gives up a pipe that somebody else holds open, once it is quiet", async () => {
  const rig = new Rig();
  rig.stdout.print("a\n");
  rig.stderr.end();
  const finished = rig.pump.finish();
  await rig.clock.advance(499);
  rig.stdout.print("b\n");
  await rig.clock.advance(2);
  expect(rig.stdout.isCancelled).toBe(false);
  await rig.clock.advance(500);
  await finished;
  expect(rig.stdout.isCancelled).toBe(true);
  expect(rig.delivered.flatMap(([, lines]) => lines)).toEqual(["a", "b"]);
});

test("a stream that breaks off loses nothing that came before", async () => {
  const rig = new Rig();
  rig.stdout.print("a\nb");
  await until(() => rig.delivered.length === 1);
  rig.stdout.fail();
  rig.stderr.end();
  await rig.pump.finish();
  await nextTurn();
  expect(rig.delivered.flatMap(([, lines]) => lines)).toEqual(["a", "b"]);
});
