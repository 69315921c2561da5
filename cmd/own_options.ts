/**
 * Keeps the engine options that heron-bin starts its own processes with from user code, and from
 * what user code starts: an engine of another version may end at an option that it does not know.
 */

import { RUNTIME_OPTIONS } from "../src/base/mod.ts";

type Spawn = (...given: readonly unknown[]) => unknown;

/**
 * Takes the options out of the environment of this thread. Call it in each thread, before user code.
 *
 * `Bun.spawn` without `env` hands on the environment that the process was started with, whatever
 * has become of it since; from here on it hands on the one there is, as `node:child_process` does.
 * A Worker that user code starts is out of reach: `Bun.spawn` without `env` in there still hands
 * the options on.
 */
export function hideOwnOptions(): void {
  for (const name of Object.keys(RUNTIME_OPTIONS)) delete process.env[name];
  // Neither cares for what it returns, and both take a command and options, or options alone.
  const { spawn, spawnSync } = Bun as unknown as Readonly<Record<"spawn" | "spawnSync", Spawn>>;
  Object.assign(Bun, { spawn: inheriting(spawn), spawnSync: inheriting(spawnSync) });
}

function inheriting(spawn: Spawn): Spawn {
  return (first, ...rest) =>
    Array.isArray(first) ? spawn(first, withEnvironment(rest[0])) : spawn(withEnvironment(first));
}

function withEnvironment(options: unknown = {}): unknown {
  // What is no object is for `Bun.spawn` to complain about.
  if (typeof options !== "object" || options === null) return options;
  const isGiven = "env" in options && options.env !== undefined;
  return isGiven ? options : { ...options, env: process.env };
}
