/** The seed that `heron-bin test --seed` gives to all tests of a process: a global, set before they are loaded. */

const SEED: unique symbol = Symbol.for("heron-bin.test_seed");

/** The seed of this process. @default 1 */
export function seedOfProcess(): number {
  const seed: unknown = Reflect.get(globalThis, SEED);
  return typeof seed === "number" ? seed : 1;
}
