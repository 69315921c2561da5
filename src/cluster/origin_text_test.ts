/** Tests of where values come from, for people. */

import { expect, test } from "bun:test";
import { originText } from "./origin_text.ts";

test("originText() tells each origin in a word", () => {
  expect(originText({ type: "default" })).toBe("default");
  expect(originText({ type: "built_in", cluster: "slurm" })).toBe("built-in cluster slurm");
  expect(originText({ type: "file", file: "/a/b.yaml", line: 3 })).toBe("/a/b.yaml:3");
  expect(originText({ type: "command_line", flag: "--slurm" })).toBe("--slurm");
});
