import { expect, test } from "bun:test";
import { type CompletedCommand, completionScript } from "./completion_scripts.ts";

const COMMANDS: readonly CompletedCommand[] = [
  {
    name: "run",
    summary: "run a topology on one's machine",
    positionals: [{ name: "<file>", description: "topology" }],
    flags: [
      { flag: "--for <duration>", description: "end it after [some] time" },
      { flag: "--env <name>", description: "a variable", repeatable: true },
      { flag: "--json", description: "as JSON" },
    ],
  },
  { name: "version", summary: "print the version" },
];

/** What bash completes when `words` are typed, the last of them begun. */
function completedByBash(words: readonly string[]): string[] {
  const script = `${completionScript("bash", COMMANDS)}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _heron_bin; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = Bun.spawnSync(["bash", "-c", script, "bash", ...words], {
    cwd: import.meta.dir,
  });
  expect(stderr.toString()).toBe("");
  return stdout.toString().split("\n").filter((line) => line !== "");
}

test("bash completes commands, flags and files", () => {
  expect(completedByBash(["heron-bin", ""])).toEqual(["run", "version"]);
  expect(completedByBash(["heron-bin", "ru"])).toEqual(["run"]);
  expect(completedByBash(["heron-bin", "run", "--"])).toEqual([
    "--for",
    "--env",
    "--json",
    "--help",
  ]);
  expect(completedByBash(["heron-bin", "run", "completion_scripts_t"])).toEqual([
    "completion_scripts_test.ts",
  ]);
  expect(completedByBash(["heron-bin", "version", "comp"])).toEqual([]);
  expect(completedByBash(["heron-bin", "version", "--h"])).toEqual(["--help"]);
});

test("the script for zsh describes flags with their values, and quotes what it must", () => {
  const script = completionScript("zsh", COMMANDS);
  expect(script).toStartWith("#compdef heron-bin\n");
  expect(script).toContain(String.raw`    'run:run a topology on one'\''s machine'`);
  expect(script).toContain(
    String.raw`    run) _arguments '--for[end it after \[some\] time]:duration' ` +
      `'*--env[a variable]:name' '--json[as JSON]' '--help[show its help]' '*:file:_files' ;;`,
  );
});

test("the script for fish has a line a command and a flag", () => {
  const lines = completionScript("fish", COMMANDS).split("\n");
  expect(lines).toContain(
    "complete -c heron-bin -n '__fish_seen_subcommand_from run' -l for -r -d 'end it after [some] time'",
  );
  expect(lines).toContain("complete -c heron-bin -n '__fish_seen_subcommand_from run' -F");
  expect(lines).toContain(
    "complete -c heron-bin -f -n __fish_use_subcommand -a version -d 'print the version'",
  );
});
