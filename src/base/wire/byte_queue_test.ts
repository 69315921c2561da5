import { expect, test } from "bun:test";
import { seededRandom } from "../mod.ts";
import { ByteQueue } from "./byte_queue.ts";

function content(queue: ByteQueue): Uint8Array {
  return queue.bytes.slice(queue.head, queue.head + queue.length);
}

test("ByteQueue keeps order and count through seeded random appends and drops", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const random = seededRandom(seed);
    const queue = new ByteQueue();
    let model = Buffer.alloc(0);
    for (let step = 0; step < 300; step++) {
      if (random.below(5) < 3) {
        const bytes = Uint8Array.from({ length: random.below(3000) }, () => random.below(256));
        const start = random.below(bytes.length + 1);
        queue.append(bytes, start, bytes.length);
        model = Buffer.concat([model, bytes.subarray(start)]);
      } else if (random.below(10) === 0) queue.trim();
      else {
        const count = random.below(queue.length + 1);
        queue.drop(count);
        model = model.subarray(count);
      }
      expect(queue.length).toBe(model.length);
    }
    expect(Buffer.compare(content(queue), model), `seed ${seed}`).toBe(0);
  }
});

test("ByteQueue takes bytes of shared memory", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(8));
  shared.fill(7);
  const queue = new ByteQueue();
  queue.append(shared, 2, 6);
  expect(content(queue)).toEqual(new Uint8Array(4).fill(7));
});

test("ByteQueue compacts rather than grows while a backlog passes through", () => {
  const queue = new ByteQueue();
  const piece = new Uint8Array(1000);
  for (let i = 0; i < 100; i++) queue.append(piece, 0, 1000);
  const room = queue.roomBytes;
  for (let i = 0; i < 10_000; i++) {
    queue.drop(1000);
    queue.append(piece, 0, 1000);
  }
  expect(queue.roomBytes).toBeLessThanOrEqual(2 * room);
});

test("ByteQueue.trim() gives memory back after a burst, and not between bursts", () => {
  const queue = new ByteQueue();
  queue.append(new Uint8Array(1 << 20), 0, 1 << 20);
  queue.drop((1 << 20) - 10);
  queue.trim();
  expect(queue.roomBytes).toBe(1 << 20);
  queue.trim();
  expect(queue.roomBytes).toBe(4096);
  expect(queue.length).toBe(10);
  queue.drop(10);
  expect(() => queue.drop(1)).toThrow(RangeError);
});

test("ByteQueue.clear() drops bytes and memory", () => {
  const queue = new ByteQueue();
  queue.append(new Uint8Array(100), 0, 100);
  queue.clear();
  expect([queue.length, queue.roomBytes]).toEqual([0, 0]);
});
