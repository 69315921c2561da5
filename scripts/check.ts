/**
 * `bun run check`: the fast inner loop while one writes. Everything that
 * lands has passed `bun run test`.
 */

import { STATIC_STEPS, UNIT_STEP } from "./checks.ts";
import { runSteps } from "./steps.ts";

const { passed, failed } = await runSteps([...STATIC_STEPS, UNIT_STEP]);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
