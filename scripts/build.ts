/**
 * `bun run build [--target=bun-linux-x64-baseline] [--outfile=PATH]`: the
 * one executable, dist/heron-bin. The folder that it is run in may not
 * configure it, so nothing is loaded from there.
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./tool_chain.ts";

const { values } = parseArgs({
  options: {
    target: { type: "string" },
    outfile: { type: "string", default: join(ROOT, "dist/heron-bin") },
  },
});

await Bun.build({
  entrypoints: [join(ROOT, "cmd/heron_bin.ts")],
  target: "bun",
  format: "esm",
  // Names stay: stacks and class names are read by people, and cost no start time.
  minify: { whitespace: true, syntax: true, identifiers: false },
  bytecode: true,
  sourcemap: "linked",
  env: "disable",
  compile: {
    outfile: values.outfile,
    autoloadDotenv: false,
    autoloadBunfig: false,
    autoloadTsconfig: false,
    autoloadPackageJson: false,
    // The type is a closed list; an unknown target is an error of Bun.build's own.
    ...(values.target !== undefined && { target: values.target as Bun.Build.CompileTarget }),
  },
});
