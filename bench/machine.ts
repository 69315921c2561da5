/** The machine that figures were measured on. */

import { cpus, release } from "node:os";
import type { HostFigures } from "./figures.ts";

/** Processor, cores and kernel. */
export function describeMachine(): Pick<HostFigures, "cpu" | "cores" | "kernel"> {
  const all = cpus();
  return { cpu: all[0]?.model.trim() ?? "unknown", cores: all.length, kernel: release() };
}
