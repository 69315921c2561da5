/** The ledger: each kind of fault is noticed, and a run without any is not blamed. */

import { expect, test } from "bun:test";
import { TupleLedger } from "./tuple_ledger.ts";
import { VirtualWorld } from "./virtual_world.ts";

/** A ledger after tuples 1, 2, 3 of task 1 were emitted to task 2. */
function createLedger(mayLose = false) {
  const world = new VirtualWorld(1);
  const ledger = new TupleLedger(world, mayLose);
  for (const sequence of [1, 2, 3]) ledger.emitted({ source: 1, life: 1, sequence }, [2]);
  const receive = (...sequences: number[]): void => {
    for (const sequence of sequences) {
      ledger.received({ source: 1, life: 1, sequence }, { task: 2, life: 1 });
    }
  };
  return { world, ledger, receive };
}

test("TupleLedger accepts a run in order, to the last tuple", () => {
  const { world, ledger, receive } = createLedger();
  receive(1, 2, 3);
  ledger.finished({ task: 1, life: 1 }, []);
  ledger.finished({ task: 2, life: 1 }, [1]);
  expect(world.broken).toBeUndefined();
  expect(ledger.missing()).toBe(0);
  expect(ledger.executed).toBe(3);
});

test("TupleLedger notices a lost, a doubled, a late and an unknown tuple", () => {
  for (const sequences of [[1, 3], [1, 1], [2, 1], [9]]) {
    const { world, receive } = createLedger();
    receive(...sequences);
    expect(world.broken).toContain("channel 1 → 2");
  }
});

test("TupleLedger counts lost tuples where links are cut, and still keeps order", () => {
  const { world, ledger, receive } = createLedger(true);
  receive(1, 3);
  expect(world.broken).toBeUndefined();
  expect(ledger.missing()).toBe(1);
  receive(2);
  expect(world.broken).toContain("out of order");
});

test("TupleLedger notices an end before its input, before its source, or twice", () => {
  const early = createLedger();
  early.ledger.finished({ task: 1, life: 1 }, []);
  early.ledger.finished({ task: 2, life: 1 }, [1]);
  expect(early.world.broken).toContain("3 tuples of 1 missing");
  const first = createLedger();
  first.receive(1, 2, 3);
  first.ledger.finished({ task: 2, life: 1 }, [1]);
  expect(first.world.broken).toContain("before its source 1");
  const twice = createLedger();
  twice.ledger.finished({ task: 1, life: 1 }, []);
  twice.ledger.finished({ task: 1, life: 1 }, []);
  expect(twice.world.broken).toContain("finishes twice");
});

test("TupleLedger notices work after the end and keys that part", () => {
  const late = createLedger(true);
  late.ledger.finished({ task: 1, life: 1 }, []);
  late.ledger.finished({ task: 2, life: 1 }, [1]);
  late.receive(1);
  expect(late.world.broken).toContain("after its end");
  const { world, ledger } = createLedger();
  ledger.placed({ edge: "a → b", key: "1", tasksMax: 1 }, 4);
  ledger.placed({ edge: "a → b", key: "1", tasksMax: 1 }, 4);
  expect(world.broken).toBeUndefined();
  ledger.placed({ edge: "a → b", key: "1", tasksMax: 1 }, 5);
  expect(world.broken).toContain("key 1");
});

test("TupleLedger takes a tuple once, whichever life of a task gets it", () => {
  const { world, ledger, receive } = createLedger(true);
  receive(1, 2);
  ledger.received({ source: 1, life: 1, sequence: 3 }, { task: 2, life: 2 });
  expect(world.broken).toBeUndefined();
  ledger.received({ source: 1, life: 1, sequence: 2 }, { task: 2, life: 2 });
  expect(world.broken).toContain("came twice");
});
