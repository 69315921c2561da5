/**
 * `bun run build [--target=linux-arm64] [--outfile=PATH] [--profile=FOLDER]`: the one executable,
 * dist/heron-bin, or for another machine dist/heron-bin-TARGET. The folder that it is run in may
 * not configure it, so nothing is loaded from there.
 */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleKit } from "../cmd/kit_files.ts";
import { Doors } from "./doors.ts";
import { initFiles } from "./init_files.ts";
import { installRuntime, type Target, targetOf } from "./runtimes.ts";
import { ROOT } from "./tool_chain.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    outfile: { type: "string" },
    profile: { type: "string" },
  },
});

const target = values.target === undefined ? undefined : targetGiven(values.target);
const name = target === undefined ? "heron-bin" : `heron-bin-${target.name}`;
const [kitFiles, files] = await Promise.all([bundleKit(ROOT), initFiles()]);

/** Puts files themselves in place of what makes them of the sources. */
const filesPlugin: Bun.BunPlugin = {
  name: "files",
  setup(build) {
    build.onLoad({ filter: /\/cmd\/kit_files\.ts$/ }, () => functionOf("kitFiles", kitFiles));
    build.onLoad({ filter: /\/scripts\/init_files\.ts$/ }, () => functionOf("initFiles", files));
  },
};

const doors = new Doors();

/** Has each role load what it uses. */
const doorsPlugin: Bun.BunPlugin = {
  name: "doors",
  setup(build) {
    build.onLoad({ filter: /\/(cmd|src)\/.*\.ts$/ }, async ({ path }) => ({
      loader: "ts",
      contents: doors.straighten(path, await Bun.file(path).text()),
    }));
  },
};

/** A module with one function, which gives `value`. */
function functionOf(name: string, value: unknown): Bun.OnLoadResult {
  const text = JSON.stringify(value);
  return {
    loader: "js",
    contents: `export function ${name}() { return Promise.resolve(${text}); }`,
  };
}

const { outputs } = await Bun.build({
  entrypoints: [join(ROOT, "cmd/heron_bin.ts")],
  target: "bun",
  format: "esm",
  // Names stay: stacks and class names are read by people, and cost no start time.
  minify: { whitespace: true, syntax: true, identifiers: false },
  bytecode: true,
  // A role loads its own chunks: as one file, all of it is read at each start, 8 ms a process.
  splitting: true,
  sourcemap: "linked",
  env: "disable",
  plugins: [filesPlugin, doorsPlugin],
  compile: {
    outfile: values.outfile ?? join(ROOT, "dist", name),
    autoloadDotenv: false,
    autoloadBunfig: false,
    autoloadTsconfig: false,
    autoloadPackageJson: false,
    // Each process leaves a profile of its main thread in that folder when it ends.
    ...(values.profile !== undefined && {
      execArgv: ["--cpu-prof", "--cpu-prof-md", `--cpu-prof-dir=${values.profile}`],
    }),
    ...(target !== undefined && {
      target: target.compile,
      executablePath: await installRuntime(target),
    }),
  },
});

// They lie inside the executable too, where stacks are mapped from.
for (const { kind, path } of outputs) {
  if (kind === "sourcemap") await rm(path);
}

function targetGiven(name: string): Target {
  try {
    return targetOf(name);
  } catch (thrown) {
    console.error(thrown instanceof Error ? thrown.message : thrown);
    process.exit(2);
  }
}
