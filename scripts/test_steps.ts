/** All that is checked before a change lands, in order. */

import { STATIC_STEPS, UNIT_STEP } from "./checks.ts";
import { assertCrossBuilds } from "./cross_build.ts";
import { debianPackagesStep } from "./debian_packages.ts";
import { assertGeneratedIsCurrent } from "./generated.ts";
import type { Step } from "./steps.ts";
import { BUN, INSTALL, ROOT, tool } from "./tool_chain.ts";

/** The steps of `bun run test`. */
export const TEST_STEPS: readonly Step[] = [
  { name: "install", run: INSTALL },
  debianPackagesStep(),
  { name: "generated code", run: assertGeneratedIsCurrent },
  ...STATIC_STEPS,
  { name: "docs", run: [tool("deno"), "doc", "--lint", "--quiet", "mod.ts"], needs: ["mod.ts"] },
  tests("repository", ...wholeRepository()),
  UNIT_STEP,
  tests("typed programs", "tests/types"),
  tests("simulation", "tests/simulation"),
  tests("durable ends", "tests/support"),
  tests("chaos, its parts", "tests/chaos"),
  tests("soak, its parts", "tests/soak"),
  tests("bench, its parts", "bench"),
  { name: "build", run: [BUN, "scripts/build.ts"], needs: ["cmd/heron_bin.ts"] },
  { name: "cross builds", run: assertCrossBuilds },
  tests("end to end", "tests/e2e"),
  tests("integration", "tests/integration"),
  tests("slurm", "tests/slurm"),
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
  {
    name: "bench in pairs",
    run: [
      ...[BUN, "bench/bench.ts", "const", "--smoke"],
      ...["--paired", "--against-set", "metrics.export.interval.ms=10000"],
    ],
    needs: ["bench"],
    showsLastLine: true,
  },
];

/** Tests of the tree as it lies: is it tidy, do its pages tell what is so? */
function wholeRepository(): readonly string[] {
  return [...new Bun.Glob("tests/*_test.ts").scanSync(ROOT)].sort();
}

function tests(name: string, ...paths: readonly string[]): Step {
  return {
    name,
    run: [BUN, "test", "--only-failures", "--timeout=60000", ...paths.map((path) => `./${path}`)],
    countsTests: true,
    needs: paths,
  };
}
