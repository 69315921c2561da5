/** Whether an error says that a disk, or a user's share of it, is full. Pure. */

const FULL: readonly unknown[] = ["ENOSPC", "EDQUOT"];

/** Whether `thrown`, or what caused it, says so. */
export function isFull(thrown: unknown): boolean {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    if ("code" in error && FULL.includes(error.code)) return true;
  }
  return false;
}
