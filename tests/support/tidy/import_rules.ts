/**
 * Rules about one import at a time: endings, layers, doors, adapters,
 * packages, and what an example may know.
 */

import { join } from "node:path";
import type { Exceptions } from "./exceptions.ts";
import { adapterOf, doorOf, mayNameAdapter, maySee, roomOf } from "./rooms.ts";
import { type Fault, faultAt, type Finding, type Import, isTest, type Source } from "./source.ts";

/** All files and what is known of them. */
export interface Repository {
  readonly sources: ReadonlyMap<string, Source>;
  /** Packages that may be imported where users run the code; undefined if unknown. */
  readonly packages: ReadonlySet<string> | undefined;
  readonly exceptions: Exceptions;
}

/** The faults of what `source` imports. */
export function importFaults(source: Source, repository: Repository): Fault[] {
  return source.imports.flatMap((one) => {
    const found = isRelative(one.specifier)
      ? relativeFault(source, one, repository)
      : packageFault(source, one, repository);
    return found === undefined ? [] : [faultAt(source, one, found)];
  });
}

/** The path in the repository that a relative import names. */
export function targetOf(path: string, specifier: string): string {
  return join(path, "..", specifier);
}

/** Whether `specifier` names a file of this repository. */
export function isRelative(specifier: string): boolean {
  return specifier.startsWith(".");
}

function packageFault(source: Source, one: Import, repository: Repository): Finding | undefined {
  const { path } = source;
  const name = one.specifier;
  if (path.startsWith("examples/")) {
    return /^(heron-bin|node:)/.test(name)
      ? undefined
      : ["example", "examples take only heron-bin"];
  }
  if (name === "bun:test") {
    return isTest(path) || path.endsWith("/conformance.ts") || path.startsWith("bench/") ||
        path === "testing.ts"
      ? undefined
      : ["package", "bun:test is for tests"];
  }
  const runs = /^(src|cmd)\/|^mod\.ts$/.test(path) && !isTest(path) &&
    !path.endsWith("/conformance.ts");
  if (!runs || /^(node:|bun$|bun:)/.test(name) || repository.packages === undefined) {
    return undefined;
  }
  const bare = name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");
  return repository.packages.has(bare)
    ? undefined
    : ["package", `"${bare}" is not in the dependencies of package.json`];
}

function relativeFault(source: Source, one: Import, repository: Repository): Finding | undefined {
  const target = targetOf(source.path, one.specifier);
  if (one.asset) return undefined;
  if (!target.endsWith(".ts")) return ["ending", `"${one.specifier}" does not end in .ts`];
  if (source.path === "mod.ts") {
    return target === "src/api/mod.ts" ? undefined : ["layer", "mod.ts takes src/api/mod.ts alone"];
  }
  if (source.path.startsWith("examples/")) {
    return target.startsWith("examples/") ? undefined : ["example", "examples take only heron-bin"];
  }
  return layerFault(source.path, target) ?? doorFault(source.path, target, repository) ??
    adapterFault(source.path, one, repository);
}

function layerFault(from: string, target: string): Finding | undefined {
  const room = roomOf(from);
  if (room === undefined) return undefined;
  const other = roomOf(target);
  if (other === undefined) {
    const isSupport = isTest(from) && target.startsWith("tests/support/");
    return isSupport ? undefined : ["layer", `src/ does not see "${target}"`];
  }
  return maySee(room, other) ? undefined : ["layer", `${room} does not see ${other}`];
}

function doorFault(from: string, target: string, repository: Repository): Finding | undefined {
  const room = roomOf(from);
  const other = roomOf(target);
  if (other === undefined || other === "base/gen") return undefined;
  const door = doorOf(other);
  if (room === other) {
    const isOwnDoor = target === door && from !== door.replace(/\.ts$/, "_test.ts");
    return isOwnDoor ? ["door", "inside a room the file itself, never the own door"] : undefined;
  }
  const open = target === door || target in repository.exceptions.sideDoors ||
    from.startsWith("tests/") || adapterOf(target) !== undefined;
  return open ? undefined : ["door", `"${target}": take it from "${door}"`];
}

function adapterFault(from: string, one: Import, repository: Repository): Finding | undefined {
  if (one.typeOnly) return undefined;
  const target = targetOf(from, one.specifier);
  const direct = adapterOf(target);
  const named = direct === undefined ? adaptersThroughDoor(target, one, repository) : [direct];
  const forbidden = named.find((adapter) => !mayNameAdapter(from, adapter));
  return forbidden === undefined
    ? undefined
    : ["adapter", `"${forbidden.member}" of ${forbidden.family} is named in cmd/wiring.ts alone`];
}

/** The adapters whose names `one` takes from a door that passes them on. */
function adaptersThroughDoor(door: string, one: Import, repository: Repository) {
  const passed = repository.sources.get(door)?.imports.filter(({ reexport }) => reexport) ?? [];
  return passed.flatMap(({ specifier, names }) => {
    const adapter = adapterOf(targetOf(door, specifier));
    const taken = names === undefined || one.names === undefined ||
      names.some((name) => one.names?.includes(name));
    return adapter !== undefined && taken ? [adapter] : [];
  });
}
