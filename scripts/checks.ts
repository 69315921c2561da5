/**
 * The steps that both `bun run check` (seconds, while one writes) and `bun
 * run test` (everything) are made of.
 */

import type { Step } from "./steps.ts";
import { BUN, tool } from "./tool_chain.ts";

/** Format, types and lint: what is wrong before anything runs. */
export const STATIC_STEPS: readonly Step[] = [
  { name: "format", run: [tool("deno"), "fmt", "--check"] },
  { name: "types", run: [tool("tsc"), "-p", "."] },
  { name: "lint", run: [tool("deno"), "lint"] },
];

/** Tests beside the code. */
export const UNIT_STEP: Step = {
  name: "unit tests",
  run: [BUN, "test", "--only-failures", "./src", "./cmd", "./scripts"],
  countsTests: true,
};
