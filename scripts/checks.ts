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
  // Some model for seconds; a loaded machine is no reason to fail.
  run: [BUN, "test", "--only-failures", "--timeout=60000", "./src", "./cmd", "./scripts"],
  countsTests: true,
};
