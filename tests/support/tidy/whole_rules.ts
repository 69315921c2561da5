/**
 * Rules that need all files at once: doors, import cycles, a test beside
 * each file, exports that nobody takes, code that must load anywhere, and
 * exceptions that are no longer needed.
 */

import { basename, dirname } from "node:path";
import { declaredName } from "./form_rules.ts";
import { isRelative, type Repository, targetOf } from "./import_rules.ts";
import { doorOf, roomOf } from "./rooms.ts";
import { child, children, type Fault, faultAt, isTest, type Source, walk } from "./source.ts";

/** The faults of the repository as a whole. */
export function wholeFaults(repository: Repository): Fault[] {
  return [
    ...roomFaults(repository),
    ...cycleFaults(repository),
    ...untestedFaults(repository),
    ...deadExports(repository),
    ...portabilityFaults(repository),
    ...staleExceptions(repository),
  ];
}

function roomFaults({ sources }: Repository): Fault[] {
  const faults = new Map<string, Fault>();
  for (const path of sources.keys()) {
    if (!path.startsWith("src/")) continue;
    const room = roomOf(path);
    const fault = { path, line: 1, rule: "room" };
    if (room === undefined) faults.set(path, { ...fault, message: "src/ has no such room" });
    else if (room !== "base/gen" && !sources.has(doorOf(room))) {
      faults.set(room, { ...fault, message: `room ${room} has no door mod.ts` });
    }
  }
  return [...faults.values()];
}

/** Each file that is in a cycle of imports is told once, with the way back to it. */
function cycleFaults({ sources }: Repository): Fault[] {
  const faults: Fault[] = [];
  const done = new Set<string>();
  const visit = (source: Source, way: readonly string[]): void => {
    const back = way.indexOf(source.path);
    if (back !== -1) {
      const message = [...way.slice(back), source.path].join(" -> ");
      faults.push({ path: source.path, line: 1, rule: "cycle", message });
    }
    if (back !== -1 || done.has(source.path)) return;
    for (const target of importedFiles(source)) {
      const next = sources.get(target);
      if (next !== undefined) visit(next, [...way, source.path]);
    }
    done.add(source.path);
  };
  for (const source of sources.values()) visit(source, []);
  return faults;
}

function importedFiles(source: Source): string[] {
  return source.imports.filter(({ specifier }) => isRelative(specifier))
    .map(({ specifier }) => targetOf(source.path, specifier));
}

function untestedFaults({ sources, exceptions }: Repository): Fault[] {
  const tested = testedFiles(sources);
  return [...sources.values()].filter((source) =>
    needsTest(source) && !tested.has(source.path) && !(source.path in exceptions.untested)
  ).map((source) => {
    const message = `no ${basename(testOf(source.path))} beside it, and no reason listed`;
    return faultAt(source, { start: 0 }, ["untested", message]);
  });
}

/** Files with a test of their name beside them, or in their folder a test that imports them. */
function testedFiles(sources: ReadonlyMap<string, Source>): Set<string> {
  const tested = new Set<string>();
  for (const source of sources.values()) {
    if (!source.path.endsWith("_test.ts")) continue;
    tested.add(source.path.replace(/_test\.ts$/, ".ts"));
    importedFiles(source).filter((target) => dirname(target) === dirname(source.path))
      .forEach((target) => tested.add(target));
  }
  return tested;
}

function testOf(path: string): string {
  return path.replace(/\.ts$/, "_test.ts");
}

/**
 * Doors, conformance suites, and files with nothing but types need no test. The simulator is a
 * test bench: that it finds what is broken is proved by its mutants, in tests/simulation.
 */
function needsTest({ path, root }: Source): boolean {
  if (!path.startsWith("src/") || path.startsWith("src/simulator/") || isTest(path)) return false;
  if (/(^|\/)(mod|conformance)\.ts$/.test(path)) return false;
  return children(root, "body").some((statement) => {
    const declared = child(statement, "declaration") ?? statement;
    return !/^(TSInterface|TSTypeAlias|Import|ExportNamed|ExportAll)/.test(declared.type);
  });
}

function deadExports({ sources }: Repository): Fault[] {
  const taken = new Map<string, Set<string> | "all">();
  for (const source of sources.values()) {
    for (const one of source.imports) {
      const target = targetOf(source.path, one.specifier);
      const before = taken.get(target) ?? new Set();
      const all = one.names === undefined || before === "all";
      taken.set(target, all ? "all" : before.union(new Set(one.names)));
    }
  }
  const isDead = (path: string, name: string) => {
    const names = taken.get(path);
    return names !== "all" && !names?.has(name);
  };
  return [...sources.values()].filter(({ path }) => path.startsWith("src/")).flatMap((source) =>
    children(source.root, "body").flatMap((statement) => {
      const declared = child(statement, "declaration");
      const isValue = declared !== undefined && !declared.type.startsWith("TS");
      if (statement.type !== "ExportNamedDeclaration" || !isValue) return [];
      const name = declaredName(declared);
      if (!isDead(source.path, name)) return [];
      return [faultAt(source, statement, ["dead_export", `nobody imports "${name}"`])];
    })
  );
}

/** What mod.ts reaches loads under any runtime: no package, no Bun, no node. */
function portabilityFaults({ sources }: Repository): Fault[] {
  const faults: Fault[] = [];
  const reached = new Set(["mod.ts"]);
  for (const path of reached) {
    const source = sources.get(path);
    if (source === undefined) continue;
    importedFiles(source).forEach((target) => reached.add(target));
    for (const one of source.imports.filter(({ specifier }) => !isRelative(specifier))) {
      faults.push(faultAt(source, one, ["portable", `mod.ts reaches "${one.specifier}"`]));
    }
    walk(source.root, (node) => {
      const object = child(node, "object");
      const global = node.type === "MemberExpression" ? object?.["name"] : undefined;
      if (global === "Bun" || global === "process" || global === "Deno") {
        faults.push(faultAt(source, node, ["portable", `mod.ts reaches the global ${global}`]));
      }
    });
  }
  return faults;
}

function staleExceptions({ sources, exceptions }: Repository): Fault[] {
  const { untested, sideDoors, effects, longFiles, wideFunctions } = exceptions;
  const tested = testedFiles(sources);
  const listed = [
    ...Object.keys({ ...untested, ...sideDoors, ...effects, ...longFiles }),
    ...Object.keys(wideFunctions).map((key) => key.split(" ")[0] ?? ""),
  ];
  const message = "an exception is listed that is not needed";
  const isStale = (path: string) =>
    path !== "*" && (!sources.has(path) || (path in untested && tested.has(path)));
  return listed.filter(isStale).map((path) => ({ path, line: 1, rule: "exception", message }));
}
