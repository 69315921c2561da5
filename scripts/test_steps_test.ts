import { expect, test } from "bun:test";
import { TEST_STEPS } from "./test_steps.ts";
import { ROOT } from "./tool_chain.ts";

test("TEST_STEPS run each test file of the repository", () => {
  const paths = TEST_STEPS.flatMap(({ run, countsTests }) =>
    countsTests === true && typeof run !== "function"
      ? run.filter((word) => word.startsWith("./")).map((path) => path.slice(2))
      : []
  );
  const files = [...new Bun.Glob("**/*_test.ts").scanSync(ROOT)]
    .filter((path) => !path.startsWith("node_modules/"));
  expect(files.length).toBeGreaterThan(300);
  const left = files.filter((file) =>
    !paths.some((path) => file === path || file.startsWith(`${path}/`))
  );
  expect(left).toEqual([]);
});
