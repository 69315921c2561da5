/** Door of `packing`: the interface and its members. */

export type { Packing } from "./packing.ts";
export { packRoundRobin } from "./round_robin.ts";
