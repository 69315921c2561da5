/**
 * Each command about submitted topologies against each fault: a row is a fault, a cell says how a command
 * ends and what it says. A row without a cell for a command is no row.
 */

import { expect } from "bun:test";
import { type BinaryResult, resultOf } from "./binary.ts";
import { until } from "./live_run.ts";
import { TerminalScreen } from "./terminal_screen.ts";

/** All commands about submitted topologies, in the order in which a row is tried: what ends it comes last. */
export const MATRIX_COMMANDS = [
  "submit",
  "list",
  "describe",
  "logs",
  "top",
  "doctor",
  "activate",
  "deactivate",
  "restart",
  "kill",
] as const;

/** One of them. */
export type MatrixCommand = typeof MATRIX_COMMANDS[number];

/** What a command is to come to. */
export interface Cell {
  readonly exitCode: number;
  /** In what it prints. */
  readonly says: string;
}

/** A cell for each command. */
export type Row = Readonly<Record<MatrixCommand, Cell>>;

/** It could not be done: one line says why. */
export function fails(says: string, exitCode = 5): Cell {
  return { exitCode, says };
}

/** It was done, whatever is wrong with what it was not about. */
export function works(says: string): Cell {
  return { exitCode: 0, says };
}

/** The row in which every command fails so, but those that are named. */
export function rowOf(cell: Cell, others: Partial<Row> = {}): Row {
  const all = Object.fromEntries(MATRIX_COMMANDS.map((command) => [command, cell]));
  // Of all commands, by the line above.
  return { ...all as Row, ...others };
}

/** Who calls, and about what. */
export interface MatrixCaller {
  readonly cluster: string;
  readonly topology: string;
  /** The topology file that `submit` gets, with its arguments. */
  readonly file: readonly string[];
  /** Role and environ of `list`. @default those of anybody */
  readonly listed?: string;
  /** Flags of all commands. */
  readonly flags?: readonly string[];
  /** Before the binary, and the binary. */
  readonly program: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Is done before a command. */
  readonly before?: Partial<Record<MatrixCommand, () => Promise<void>>>;
}

/** Tries each command of a row but those in `without`, and tells all cells that are not as they should be. */
export async function expectRow(
  caller: MatrixCaller,
  row: Row,
  without: readonly MatrixCommand[] = [],
): Promise<void> {
  const found: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  for (const command of MATRIX_COMMANDS) {
    if (without.includes(command)) continue;
    await caller.before?.[command]?.();
    const { exitCode, says } = row[command];
    const result = await callCommand(caller, command);
    expected[command] = { exitCode, says, form: "clear" };
    found[command] = {
      exitCode: result.exitCode,
      says: [says].find((text) => `${result.stdout}\n${result.stderr}`.includes(text)) ?? result,
      form: formOf(command, result),
    };
  }
  expect(found).toEqual(expected);
}

/** Calls one command; `top` on a terminal, which is left as soon as it shows the topology. */
export async function callCommand(
  caller: MatrixCaller,
  command: MatrixCommand,
): Promise<BinaryResult> {
  const { cwd, environment: env, program } = caller;
  const line = [...program, command, ...argumentsOf(caller, command)];
  if (command === "top") return await callOnTerminal(line, { cwd, env });
  return await resultOf(Bun.spawn(line, { cwd, env, stdio: ["ignore", "pipe", "pipe"] }));
}

function argumentsOf(
  { cluster, topology, file, listed = cluster, flags = [] }: MatrixCaller,
  command: MatrixCommand,
): readonly string[] {
  switch (command) {
    case "submit":
      return [cluster, ...flags, ...file];
    case "list":
      return [listed, ...flags];
    case "doctor":
      return [cluster, ...flags];
    default:
      return [cluster, topology, ...flags];
  }
}

/** Calls a program on a terminal; `q` is pressed when a view is shown. */
export async function callOnTerminal(
  line: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<BinaryResult> {
  const columns = 400;
  const screen = new TerminalScreen(columns);
  const decoder = new TextDecoder();
  let view = "";
  const terminal = new Bun.Terminal({
    cols: columns,
    rows: 40,
    data(written, data) {
      screen.write(decoder.decode(data, { stream: true }));
      if (view !== "" || !screen.isView || !screen.text.includes("q leave")) return;
      view = screen.text;
      written.write("q");
    },
  });
  const child = Bun.spawn([...line], { cwd, env: { ...env, TERM: "xterm-256color" }, terminal });
  const exitCode = await child.exited;
  // What it printed may come after its end.
  await until("what it says", () => view !== "" || screen.text.trim() !== "");
  terminal.close();
  return { exitCode, stdout: view, stderr: view === "" ? screen.text : "" };
}

/** Notes of a submit on its way. */
const NOTE = /^heron-bin: (built|packed|what was done is undone)/;

/** Whether what a command said is clear: a failure is one line, a success says nothing of faults. */
function formOf(command: MatrixCommand, { exitCode, stdout, stderr }: BinaryResult): string {
  const lines = stderr.split("\n").filter((line) => line.trim() !== "" && !NOTE.test(line));
  if (exitCode === 0) return lines.length === 0 ? "clear" : `succeeds, and says: ${stderr}`;
  // It tells all that it found.
  if (command === "doctor" && stdout !== "") return lines.length === 0 ? "clear" : stderr;
  if (exitCode === 70) return `a defect of heron-bin itself: ${stderr}`;
  if (stdout !== "") return `fails, and prints: ${stdout}`;
  const [line = ""] = lines;
  return lines.length === 1 && line.startsWith("heron-bin: ") ? "clear" : `not one line: ${stderr}`;
}
