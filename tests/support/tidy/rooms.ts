/**
 * The rooms of src/ and who may import whom: layers downward only, sideways
 * by the list, across rooms through the door. The table is STYLE's; what is
 * not in it is no room.
 */

/** A room, the folder under src/, and its layer. */
const LAYERS: Readonly<Record<string, number>> = {
  "base": 1,
  "base/gen": 1,
  "base/wire": 1,
  "base/config": 1,
  "base/supervision": 1,
  "api": 2,
  "plan": 2,
  "tuples": 2,
  "metrics": 2,
  "cluster": 2,
  "state": 3,
  "packing": 3,
  "scheduler": 3,
  "uploader": 3,
  "checkpoint": 3,
  "tm": 4,
  "stmgr": 4,
  "instance": 4,
  "metricsmgr": 4,
  "container": 4,
  "lifecycle": 4,
  "tracker": 4,
  "ui": 4,
  "simulator": 5,
  "testing": 6,
};

/** What a room may take from its own layer. */
const SIDEWAYS: Readonly<Record<string, readonly string[]>> = {
  "base/wire": ["base", "base/gen"],
  "base/config": ["base"],
  "base/supervision": ["base", "base/gen", "base/wire"],
  "plan": ["api"],
  "metrics": ["api"],
  "tuples": ["api"],
};

/** Families: folders whose members are adapters, named by cmd/wiring.ts alone. */
const FAMILIES: Readonly<Record<string, readonly string[]>> = {
  "src/state": ["memory", "local_fs", "zookeeper"],
  "src/scheduler": ["local", "slurm", "yarn", "aurora", "kubernetes"],
  "src/uploader": ["local_fs", "s3", "hdfs", "http", "scp"],
  "src/packing": ["round_robin", "first_fit_decreasing", "resource_compliant"],
  "src/checkpoint": ["local_fs", "s3"],
  "src/metricsmgr/sinks": ["file", "prometheus", "graphite"],
};

/** The room of a file under src/, or undefined for a file that is in none. */
export function roomOf(path: string): string | undefined {
  const parts = path.split("/");
  if (parts[0] !== "src" || parts.length < 3) return undefined;
  const inner = `${parts[1]}/${parts[2]}`;
  const room = parts.length > 3 && inner in LAYERS ? inner : parts[1] ?? "";
  return room in LAYERS ? room : undefined;
}

/** The door of a room; generated code has none. */
export function doorOf(room: string): string {
  return `src/${room}/mod.ts`;
}

/** Whether files of room `from` may import from room `to`. */
export function maySee(from: string, to: string): boolean {
  if (from === to) return true;
  if (from === "api") return to === "base" || to === "base/config";
  if (SIDEWAYS[from]?.includes(to)) return true;
  return (LAYERS[from] ?? 0) > (LAYERS[to] ?? 0);
}

/** The name of the adapter that `path` is part of, and its family's folder. */
export function adapterOf(path: string): { family: string; member: string } | undefined {
  for (const [family, members] of Object.entries(FAMILIES)) {
    const member = members.find((name) =>
      path === `${family}/${name}.ts` || path.startsWith(`${family}/${name}/`)
    );
    if (member !== undefined) return { family, member };
  }
  return undefined;
}

/** Whether `from` may name that adapter. */
export function mayNameAdapter(from: string, adapter: { family: string; member: string }): boolean {
  if (from.startsWith(`${adapter.family}/`) || from === "cmd/wiring.ts") return true;
  if (/^(tests|bench|scripts)\//.test(from)) return true;
  // Topologies under test are packed as `heron-bin run` does by default.
  if (from.startsWith("src/testing/") && adapter.member === "round_robin") return true;
  const isTestBench = from.startsWith("src/simulator/") || from.endsWith("_test.ts");
  return isTestBench && adapter.member === "memory";
}
