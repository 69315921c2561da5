/**
 * The table of subcommands. Each imports its own part when it is called, so
 * that a role starts with what it needs.
 */

import type { CommandTable } from "./command_table.ts";

/** All subcommands by name. */
export const COMMANDS: CommandTable = new Map([
  ["run", {
    summary: "run a topology on this machine until it ends",
    kind: "user",
    load: async () => (await import("./run.ts")).runCommand,
  }],
  ["init", {
    summary: "make a folder with a new topology, and what an editor needs for it",
    kind: "user",
    load: async () => (await import("./init.ts")).initCommand,
  }],
  ["check", {
    summary: "check a topology and show its plan, without running it",
    kind: "user",
    load: async () => (await import("./check.ts")).checkCommand,
  }],
  ["test", {
    summary: "run tests of topologies on virtual time",
    kind: "user",
    load: async () => (await import("./test.ts")).testCommand,
  }],
  ["config", {
    summary: "show what is in force in a cluster, and where each value comes from",
    kind: "user",
    load: async () => (await import("./config.ts")).configCommand,
  }],
  ["version", {
    summary: "print the version",
    kind: "user",
    load: async () => (await import("./version_command.ts")).versionCommand,
  }],
  ["help", {
    summary: "show this help, or that of a command, or the exit codes",
    kind: "user",
    load: async () => (await import("./help.ts")).helpCommand,
  }],
  ["completion", {
    summary: "print a script by which bash, zsh or fish completes command lines",
    kind: "user",
    load: async () => (await import("./completion.ts")).completionCommand,
  }],
  ["roles", {
    summary: "list the roles in which heron-bin starts itself",
    kind: "user",
    load: async () => (await import("./roles.ts")).rolesCommand,
  }],
  ["scheduler", {
    summary: "starts, watches and stops the containers of one topology",
    kind: "role",
    load: async () => (await import("./scheduler.ts")).schedulerCommand,
  }],
  ["container", {
    summary: "supervises the processes of one container",
    kind: "role",
    load: async () => (await import("./container.ts")).containerCommand,
  }],
  ["tm", {
    summary: "topology master: makes the physical plan, knows who is alive",
    kind: "role",
    load: async () => (await import("./tm.ts")).tmCommand,
  }],
  ["stmgr", {
    summary: "stream manager: carries the tuples of one container",
    kind: "role",
    load: async () => (await import("./stmgr.ts")).stmgrCommand,
  }],
  ["instance", {
    summary: "runs one task of user code",
    kind: "role",
    load: async () => (await import("./instance.ts")).instanceCommand,
  }],
  ["metricsmgr", {
    summary: "metrics manager: collects the metrics of one container",
    kind: "role",
    load: async () => (await import("./metricsmgr.ts")).metricsmgrCommand,
  }],
  ["define", {
    summary: "builds a topology and prints its definition",
    kind: "internal",
    load: async () => (await import("./define.ts")).defineCommand,
  }],
]);
