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
