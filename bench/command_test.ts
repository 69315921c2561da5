/** Command lines and what is asked by them. */

import { expect, test } from "bun:test";
import { readCommand } from "./command.ts";

const DEFAULTS = { binary: "/bin/heron-bin", peersFolder: undefined };

test("readCommand() without arguments asks for everything, five times", () => {
  const command = readCommand([], DEFAULTS);
  expect(command).toMatchObject({ names: [], seconds: 10, warmupS: 5, runs: 5, isSmoke: false });
  expect(command.variants).toEqual([{ name: "", binary: "/bin/heron-bin", settings: [] }]);
});

test("readCommand() makes a smoke test short, but for what is asked", () => {
  expect(readCommand(["--smoke"], DEFAULTS)).toMatchObject({ runs: 1, kills: 2, starts: 2 });
  expect(readCommand(["--smoke", "--kills", "3"], DEFAULTS).kills).toBe(3);
});

test("readCommand() compares two binaries, and two settings of one", () => {
  const { variants } = readCommand(
    ["--set", "a=1", "--against", "/old", "--against-set", "b=2"],
    DEFAULTS,
  );
  expect(variants).toEqual([
    { name: "new", binary: "/bin/heron-bin", settings: ["set:a=1"] },
    { name: "against", binary: "/old", settings: ["set:a=1", "set:b=2"] },
  ]);
  expect(readCommand(["--against", "/old", "--paired"], DEFAULTS).isPaired).toBe(true);
  const [, second] = readCommand(["--against-set", "b=2"], DEFAULTS).variants;
  expect(second?.binary).toBe("/bin/heron-bin");
});

test("readCommand() refuses what makes no sense", () => {
  for (
    const argv of [
      ["--seconds", "0"],
      ["--runs", "x"],
      ["--mode", "eo"],
      ["--set", "a"],
      ["--nonsense"],
      ["--peers"],
      ["--paired"],
    ]
  ) {
    expect(() => readCommand(argv, DEFAULTS)).toThrow();
  }
});

test("readCommand() takes the peers' folder from the command line, or the one that is there", () => {
  expect(readCommand(["--peers-folder", "/p"], DEFAULTS).peersFolder).toBe("/p");
  const found = { ...DEFAULTS, peersFolder: "/found" };
  expect(readCommand(["--peers"], found).peersFolder).toBe("/found");
  expect(readCommand([], found).peersFolder).toBeUndefined();
});
