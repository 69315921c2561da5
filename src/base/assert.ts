/** Assertions of invariants: a failure is our own mistake and is caught by nobody. */

/** Thrown when an invariant of the program does not hold. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Throws `AssertionError` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(`Invariant broken: ${message}`);
}

/** Returns `value`, which must be neither null nor undefined. */
export function assertDefined<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) {
    throw new AssertionError(`Invariant broken: ${what} is missing`);
  }
  return value;
}

/** Marks a branch that the types rule out. */
export function unreachable(value: never): never {
  throw new AssertionError(`Invariant broken: unexpected case ${JSON.stringify(value)}`);
}
