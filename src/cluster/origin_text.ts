/** Where a value comes from, for people. */

import type { Origin } from "./cluster_layer.ts";

/** `default`, `built-in cluster slurm`, `/a/slurm.yaml:3`, `--config`. */
export function originText(origin: Origin): string {
  switch (origin.type) {
    case "default":
      return "default";
    case "built_in":
      return `built-in cluster ${origin.cluster}`;
    case "file":
      return `${origin.file}:${origin.line}`;
    case "command_line":
      return origin.flag;
  }
}
