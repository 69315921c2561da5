import { expect, test } from "bun:test";
import { overridden } from "./overridden.ts";

class Counter {
  #count = 0;
  readonly step = 2;

  add(): number {
    return this.#count += this.step;
  }
  read(): number {
    return this.#count;
  }
}

test("overridden() replaces methods and leaves the others on the user's object", () => {
  const counter = new Counter();
  const changed: Counter = overridden<Counter>(counter, { read: () => -counter.read() });
  expect([changed.add(), changed.add(), changed.read(), counter.read(), changed.step])
    .toEqual([2, 4, -4, 4, 2]);
  expect("add" in changed).toBe(true);
});

test("overridden() takes a frozen object", () => {
  const frozen = Object.freeze({ add: (): number => 1, read: (): number => 2 });
  const changed = overridden<{ add(): number; read(): number }>(frozen, { read: () => -1 });
  expect([changed.add(), changed.read()]).toEqual([1, -1]);
});

test("overridden() calls the method that the object has at the time of the call", () => {
  const counter = { step: 1, add: (): number => 1 };
  const changed = overridden<typeof counter>(counter, { step: 3 });
  const { add } = changed;
  expect([changed.add(), changed.add === add]).toEqual([1, true]);
  counter.add = () => 2;
  expect([changed.add(), changed.step]).toEqual([2, 3]);
});
