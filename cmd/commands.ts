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
  ["submit", {
    summary: "submit a topology to a cluster, where it stays",
    kind: "user",
    load: async () => (await import("./submit.ts")).submitCommand,
  }],
  ["list", {
    summary: "list the topologies of a cluster",
    kind: "user",
    load: async () => (await import("./list.ts")).listCommand,
  }],
  ["describe", {
    summary: "show a submitted topology: how it is, its plan, where it runs",
    kind: "user",
    load: async () => (await import("./describe.ts")).describeCommand,
  }],
  ["logs", {
    summary: "show what a submitted topology prints, or the log of a role",
    kind: "user",
    load: async () => (await import("./logs.ts")).logsCommand,
  }],
  ["top", {
    summary: "show a submitted topology as it runs",
    kind: "user",
    load: async () => (await import("./top.ts")).topCommand,
  }],
  ["kill", {
    summary: "end a submitted topology, and remove all of it",
    kind: "user",
    load: async () => (await import("./kill.ts")).killCommand,
  }],
  ["doctor", {
    summary: "look this machine and a cluster over: what is wrong, what to do",
    kind: "user",
    load: async () => (await import("./doctor.ts")).doctorCommand,
  }],
  ["activate", {
    summary: "ask the spouts of a submitted topology for tuples again",
    kind: "user",
    load: async () => (await import("./activate.ts")).activateCommand,
  }],
  ["deactivate", {
    summary: "ask the spouts of a submitted topology for no tuples",
    kind: "user",
    load: async () => (await import("./activate.ts")).deactivateCommand,
  }],
  ["restart", {
    summary: "restart a submitted topology, or one of its containers",
    kind: "user",
    load: async () => (await import("./restart.ts")).restartCommand,
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
  ["sweep", {
    summary: "kills what a container left on a machine",
    kind: "internal",
    load: async () => (await import("./sweep.ts")).sweepCommand,
  }],
  ["define", {
    summary: "builds a topology and prints its definition",
    kind: "internal",
    load: async () => (await import("./define.ts")).defineCommand,
  }],
]);
