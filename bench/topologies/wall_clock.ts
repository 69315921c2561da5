/** The clock of bench topologies: one for all processes of the machine, finer than a millisecond. */

/** Milliseconds since the epoch, with their fraction. */
export function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
