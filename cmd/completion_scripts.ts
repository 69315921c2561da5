/** Scripts by which shells complete a command line of heron-bin. Pure. */

import type { CommandSpec, FlagSpec } from "./flags.ts";

/** Shells that have one. */
export type Shell = "bash" | "zsh" | "fish";

/** A command as completion sees it. */
export interface CompletedCommand extends Pick<CommandSpec, "name" | "positionals" | "flags"> {
  /** Half a line. */
  readonly summary: string;
}

/** The script of `shell` for these commands, with an end of line. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  return SCRIPTS[shell](commands);
}

const SCRIPTS: Readonly<Record<Shell, (commands: readonly CompletedCommand[]) => string>> = Object
  .freeze({ bash: bashScript, zsh: zshScript, fish: fishScript });

function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map((command) => {
    const words = flagsOf(command).map(({ flag }) => nameOf(flag)).join(" ");
    const files = takesFile(command) ? ' || COMPREPLY=($(compgen -f -- "$current"))' : "";
    return `    ${command.name}) [[ $current == -* ]] && ` +
      `COMPREPLY=($(compgen -W "${words}" -- "$current"))${files} ;;`;
  });
  return `# heron-bin: completion for bash. Load it with: source <(heron-bin completion bash)
_heron_bin() {
  local current=\${COMP_WORDS[COMP_CWORD]}
  COMPREPLY=()
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$current"))
    return
  fi
  case \${COMP_WORDS[1]} in
${cases.join("\n")}
  esac
}
complete -o filenames -F _heron_bin heron-bin
`;
}

function zshScript(commands: readonly CompletedCommand[]): string {
  const listed = commands.map(({ name, summary }) => `    ${single(`${name}:${summary}`)}`);
  const cases = commands.map((command) => {
    const flags = flagsOf(command).map(({ flag, description, repeatable }) => {
      const value = valueOf(flag);
      const text = description.replaceAll("[", "\\[").replaceAll("]", "\\]");
      return single(
        `${repeatable === true ? "*" : ""}${nameOf(flag)}[${text}]${value && `:${value}`}`,
      );
    });
    const rest = takesFile(command) ? [single("*:file:_files")] : [];
    return `    ${command.name}) _arguments ${[...flags, ...rest].join(" ")} ;;`;
  });
  return `#compdef heron-bin
# heron-bin: completion for zsh. Load it with: source <(heron-bin completion zsh)
_heron_bin() {
  local -a commands
  commands=(
${listed.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
${cases.join("\n")}
  esac
}
compdef _heron_bin heron-bin
`;
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap((command) => {
    const { name, summary } = command;
    const within = `complete -c heron-bin -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c heron-bin -f -n __fish_use_subcommand -a ${name} -d ${single(summary)}`,
      ...(takesFile(command) ? [`${within} -F`] : []),
      ...flagsOf(command).map(({ flag, description }) => {
        const long = nameOf(flag).replace(/^--/, "");
        return `${within} -l ${long}${valueOf(flag) && " -r"} -d ${single(description)}`;
      }),
    ];
  });
  return `# heron-bin: completion for fish. Load it with: heron-bin completion fish | source
complete -c heron-bin -f
${lines.join("\n")}
`;
}

const HELP_FLAG: FlagSpec = Object.freeze({ flag: "--help", description: "show its help" });

function flagsOf({ flags = [] }: CompletedCommand): readonly FlagSpec[] {
  return [...flags, HELP_FLAG];
}

function takesFile({ positionals = [] }: CompletedCommand): boolean {
  return positionals.some(({ name }) => name === "<file>");
}

/** `--for` of `--for <duration>`. */
function nameOf(flag: string): string {
  // A short one may come before it.
  return /--[\w-]+/.exec(flag)?.[0] ?? flag;
}

/** `duration` of `--for <duration>`, empty for a flag without a value. */
function valueOf(flag: string): string {
  return /<(.*)>/.exec(flag)?.[1] ?? "";
}

function single(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
