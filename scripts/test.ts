/**
 * `bun run test`: everything that is checked before a change lands, from a
 * fresh clone on. Stops at the first step that fails; the last line is the
 * count of tests, `N passed, N failed`.
 */

import { runSteps } from "./steps.ts";
import { TEST_STEPS } from "./test_steps.ts";

const { passed, failed } = await runSteps(TEST_STEPS);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
