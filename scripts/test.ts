/**
 * `bun run test`: everything that is checked before a change lands, from a
 * fresh clone on. Stops at the first step that fails; the last line is the
 * count of tests, `N passed, N failed`.
 */

import { STATIC_STEPS, UNIT_STEP } from "./checks.ts";
import { assertCrossBuilds } from "./cross_build.ts";
import { debianPackagesStep } from "./debian_packages.ts";
import { assertGeneratedIsCurrent } from "./generated.ts";
import { runSteps, type Step } from "./steps.ts";
import { BUN, INSTALL, tool } from "./tool_chain.ts";

const STEPS: readonly Step[] = [
  { name: "install", run: INSTALL },
  debianPackagesStep(),
  { name: "generated code", run: assertGeneratedIsCurrent },
  ...STATIC_STEPS,
  { name: "docs", run: [tool("deno"), "doc", "--lint", "--quiet", "mod.ts"], needs: ["mod.ts"] },
  tests("tidy", "tests/tidy_test.ts"),
  tests("pages", "tests/docs_test.ts"),
  UNIT_STEP,
  tests("deno", "tests/deno_test.ts"),
  tests("typed programs", "tests/types"),
  tests("docs, row by row", "tests/docs_rows_test.ts"),
  tests("simulation", "tests/simulation"),
  tests("durable ends", "tests/support"),
  tests("chaos, its parts", "tests/chaos"),
  tests("soak, its parts", "tests/soak"),
  tests("bench, its parts", "bench"),
  { name: "build", run: [BUN, "scripts/build.ts"], needs: ["cmd/heron_bin.ts"] },
  { name: "cross builds", run: assertCrossBuilds },
  tests("end to end", "tests/e2e"),
  tests("integration", "tests/integration"),
  {
    name: "chaos",
    run: [BUN, "tests/chaos/chaos.ts", "--minutes", "0.5"],
    needs: ["tests/chaos"],
    showsLastLine: true,
  },
  {
    name: "soak",
    run: [BUN, "tests/soak/soak.ts", "--minutes", "1"],
    needs: ["tests/soak"],
    showsLastLine: true,
  },
  {
    name: "bench",
    run: [BUN, "bench/bench.ts", "--smoke"],
    needs: ["bench"],
    showsLastLine: true,
  },
];

const { passed, failed } = await runSteps(STEPS);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function tests(name: string, path: string): Step {
  return {
    name,
    run: [BUN, "test", "--only-failures", "--timeout=60000", `./${path}`],
    countsTests: true,
    needs: [path],
  };
}
