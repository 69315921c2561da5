import { expect, test } from "bun:test";
import { isPlainFolder, quoteWord } from "./shell_words.ts";

test("quoteWord() makes words that a shell reads back as they are", () => {
  const words = [
    "plain",
    "",
    "two words",
    "it's",
    "''",
    '"$(id)`id`\\',
    "a;b&c|d>e",
    "*?[x]~#!",
    "ä☃",
  ];
  const script = `printf '%s\\n' ${words.map(quoteWord).join(" ")}`;
  const { stdout } = Bun.spawnSync(["/bin/sh", "-c", script]);
  expect(stdout.toString().split("\n").slice(0, -1)).toEqual(words);
  for (const bad of ["a\nb", "a\0b", "a\rb", "\x1b[1m"]) {
    expect(() => quoteWord(bad)).toThrow("expected no control characters");
  }
});

test("isPlainFolder() refuses what Slurm or its quotes would change", () => {
  for (const path of ["/a/b c", "/a'b$c#d", "/"]) expect(isPlainFolder(path)).toBe(true);
  for (const path of ["", "a", "./a", '/a"b', "/a\\b", "/a%j", "/a\nb"]) {
    expect(isPlainFolder(path)).toBe(false);
  }
});
