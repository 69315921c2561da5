import { expect, test } from "bun:test";
import { decodePacket } from "../../base/wire/mod.ts";
import { CreditWatch } from "./credit_watch.ts";

/** A watch over an emitter of which only the blocked channels matter. */
function createWatch() {
  const told: string[] = [];
  const emitter = {
    emittedBytes: 0,
    waiting: [4, 5],
    served: new Set<number>(),
    waitsFor: () => emitter.waiting,
    isServed: (task: number) => emitter.served.has(task),
  };
  const watch = new CreditWatch({
    taskId: 3,
    life: { epoch: 1, counter: 2 },
    reportMs: 100,
    emitter,
    sink: {
      write: (bytes, start, end) => {
        const { body } = decodePacket(bytes, start + 1, end);
        if (body.case !== "noCredit") return;
        const { source, culprit, incarnation, wait, over } = body.value;
        const life = `${incarnation?.epoch}.${incarnation?.counter}`;
        told.push(`${source} (${life}) waits for ${culprit}, ${wait}${over ? " no more" : ""}`);
      },
    },
  });
  return { watch, told, emitter };
}

test("look() tells whose credit a task lacks once it has lacked it for long, and repeats it", () => {
  const { watch, told } = createWatch();
  expect(watch.look(0, true)).toBe(100);
  expect(watch.look(99, true)).toBe(100);
  expect(told).toEqual([]);
  expect(watch.look(100, true)).toBe(1_100);
  const both = ["3 (1.2) waits for 4, 1", "3 (1.2) waits for 5, 1"];
  expect(told).toEqual(both);
  expect(watch.look(1_099, true)).toBe(1_100);
  expect(watch.look(1_100, true)).toBe(2_100);
  expect(told).toEqual([...both, ...both]);
});

test("look() begins anew when something was emitted or the task could be called in between", () => {
  const { watch, told, emitter } = createWatch();
  watch.look(0, true);
  emitter.emittedBytes = 10;
  expect(watch.look(90, true)).toBe(190);
  expect(watch.look(150, false)).toBeUndefined();
  expect(watch.look(180, true)).toBe(280);
  expect(told).toEqual([]);
});

test("look() takes back what it told of a channel once that is served, blocked or not", () => {
  const { watch, told, emitter } = createWatch();
  watch.look(0, true);
  watch.look(100, true);
  told.length = 0;
  emitter.served.add(5);
  expect(watch.look(200, false)).toBe(1_100);
  expect(watch.look(1_100, false)).toBe(2_100);
  expect(told).toEqual(["3 (1.2) waits for 5, 1 no more", "3 (1.2) waits for 4, 1"]);
  emitter.served.add(4);
  expect(watch.look(1_200, false)).toBeUndefined();
  expect(told.at(-1)).toBe("3 (1.2) waits for 4, 1 no more");
});

test("look() tells a new wait under a new number, also while an older one is not taken back", () => {
  const { watch, told, emitter } = createWatch();
  emitter.waiting = [4];
  watch.look(0, true);
  watch.look(100, true);
  emitter.emittedBytes = 1;
  watch.look(150, true);
  watch.look(250, true);
  expect(told).toEqual(["3 (1.2) waits for 4, 1", "3 (1.2) waits for 4, 2"]);
});

test("end() takes all back", () => {
  const { watch, told } = createWatch();
  watch.look(0, true);
  watch.look(100, true);
  told.length = 0;
  watch.end();
  expect(told).toEqual(["3 (1.2) waits for 4, 1 no more", "3 (1.2) waits for 5, 1 no more"]);
  expect(watch.look(200, false)).toBeUndefined();
});
