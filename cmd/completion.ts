/** `heron-bin completion`: a script by which a shell completes command lines of heron-bin. */

import { HeronError } from "../src/base/mod.ts";
import { ACTIVATE_SPEC, DEACTIVATE_SPEC } from "./activate.ts";
import { CHECK_SPEC } from "./check.ts";
import type { CommandTable } from "./command_table.ts";
import { completionScript, type Shell } from "./completion_scripts.ts";
import { CONFIG_SPEC } from "./config.ts";
import { type CommandSpec, parseFlags } from "./flags.ts";
import { DESCRIBE_SPEC } from "./describe.ts";
import { DOCTOR_SPEC } from "./doctor.ts";
import { HELP_SPEC } from "./help.ts";
import { INIT_SPEC } from "./init.ts";
import { KILL_SPEC } from "./kill.ts";
import { LIST_SPEC } from "./list.ts";
import { LOGS_SPEC } from "./logs.ts";
import { RESTART_SPEC } from "./restart.ts";
import { RUN_SPEC } from "./run_request.ts";
import { SUBMIT_SPEC } from "./submit.ts";
import { TEST_SPEC } from "./test.ts";
import { TOP_SPEC } from "./top.ts";
import { VERSION_SPEC } from "./version_command.ts";

const SHELLS: readonly Shell[] = Object.freeze(["bash", "zsh", "fish"]);

const COMPLETION_SPEC: CommandSpec = Object.freeze({
  name: "completion",
  summary: "Print a script by which a shell completes command lines of heron-bin.",
  positionals: [{ name: "<shell>", description: SHELLS.join(", ") }],
  exitCodes: [0, 2],
  notes: `Load it in ~/.bashrc with: source <(heron-bin completion bash)
in ~/.zshrc, behind compinit, with: source <(heron-bin completion zsh)
in ~/.config/fish/config.fish with: heron-bin completion fish | source`,
});

const SPECS: readonly CommandSpec[] = Object.freeze([
  RUN_SPEC,
  INIT_SPEC,
  CHECK_SPEC,
  TEST_SPEC,
  SUBMIT_SPEC,
  LIST_SPEC,
  DESCRIBE_SPEC,
  LOGS_SPEC,
  DOCTOR_SPEC,
  TOP_SPEC,
  KILL_SPEC,
  ACTIVATE_SPEC,
  DEACTIVATE_SPEC,
  RESTART_SPEC,
  CONFIG_SPEC,
  VERSION_SPEC,
  HELP_SPEC,
  COMPLETION_SPEC,
]);

/** Prints the script of a shell. */
export async function completionCommand(
  argv: readonly string[],
  commands: CommandTable,
): Promise<number> {
  const parsing = await parseFlags(COMPLETION_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const [given] = parsing.flags.positionals;
  const shell = SHELLS.find((one) => one === given);
  if (shell === undefined) {
    throw new HeronError(
      "usage",
      `Complete for a shell: found "${given}", expected ${SHELLS.join(", ")}`,
    );
  }
  const specs = new Map(SPECS.map((spec) => [spec.name, spec]));
  const listed = [...commands].filter(([, { kind }]) => kind === "user")
    .map(([name, { summary }]) => ({ ...specs.get(name), name, summary }));
  console.write(completionScript(shell, listed));
  return 0;
}
