/** Door of `packing`. */

export type { Packing } from "./packing.ts";
export { packRoundRobin } from "./round_robin.ts";
