/**
 * `bun run build [--target=bun-linux-x64-baseline] [--outfile=PATH] [--profile=FOLDER]`: the
 * one executable, dist/heron-bin. The folder that it is run in may not
 * configure it, so nothing is loaded from there.
 */

import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundleKit } from "../cmd/kit_files.ts";
import { ROOT } from "./tool_chain.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    outfile: { type: "string", default: join(ROOT, "dist/heron-bin") },
    profile: { type: "string" },
  },
});

const KIT = JSON.stringify(await bundleKit(ROOT));

/** Puts the kit itself in place of what bundles it from its sources. */
const kitPlugin: Bun.BunPlugin = {
  name: "kit",
  setup(build) {
    build.onLoad({ filter: /\/cmd\/kit_files\.ts$/ }, () => ({
      loader: "js",
      contents: `export function kitFiles() { return Promise.resolve(${KIT}); }`,
    }));
  },
};

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
  plugins: [kitPlugin],
  compile: {
    outfile: values.outfile,
    autoloadDotenv: false,
    autoloadBunfig: false,
    autoloadTsconfig: false,
    autoloadPackageJson: false,
    // Each process leaves a profile of its main thread in that folder when it ends.
    ...(values.profile !== undefined && {
      execArgv: ["--cpu-prof", "--cpu-prof-md", `--cpu-prof-dir=${values.profile}`],
    }),
    // The type is a closed list; an unknown target is an error of Bun.build's own.
    ...(values.target !== undefined && { target: values.target as Bun.Build.CompileTarget }),
  },
});

// They lie inside the executable too, where stacks are mapped from.
for (const { kind, path } of outputs) {
  if (kind === "sourcemap") await rm(path);
}
