/** What user code may return: a value at once, or a promise of it. */

/** A value, or a promise of it. */
export type MaybePromise<T> = T | Promise<T>;

/** Whether user code returned a promise; awaiting only then keeps synchronous code fast. */
export function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value &&
    typeof value.then === "function";
}
