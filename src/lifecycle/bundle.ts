/**
 * The first step from a topology file to a run: one JavaScript file with the
 * user's dependencies inside, its source map and the files it imports, beside
 * each other in a folder. Runs no code of the user: macros are off, and no
 * tsconfig.json is followed.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve } from "node:path";
import { HeronError } from "../base/mod.ts";
import { type ApiCopy, bundledCopy, copyError, installedCopy } from "./api_copy.ts";
import { describeBuildFault, type NativeImport } from "./bundle_fault.ts";

/** Name of the bundle in its folder; the map has `.map` behind it. */
export const BUNDLE_FILE = "bundle.js";

/** Options of `bundleTopology`. */
export interface BundleOptions {
  /** Absolute path of the topology file. */
  readonly file: string;
  /** Folder that gets the bundle; it exists. */
  readonly folder: string;
  /** A file that holds an empty tsconfig, in place of every one on the user's disk. */
  readonly tsconfig: string;
  /** What `process.env.NODE_ENV` is in the bundle. */
  readonly nodeEnv: string;
  /** Folder the process stands in; paths in errors are relative to it. */
  readonly workingFolder: string;
}

/** What bundling made. */
export interface Bundle {
  /** Absolute path of the bundle. */
  readonly path: string;
  /** Size of the bundle. */
  readonly bytes: number;
}

type Artifact = Bun.BuildOutput["outputs"][number];

// Stands where the bundler writes the path of an imported file.
const ASSET_MARK = "heron-bin-asset:/";

/**
 * Bundles `options.file` into `options.folder`.
 * @throws HeronError `bundle_failed` with each fault's place and code frame, `duplicate_api` when
 *   there is a second copy of the API
 */
export async function bundleTopology(options: BundleOptions): Promise<Bundle> {
  const native: NativeImport[] = [];
  const copies: ApiCopy[] = [];
  const output = await Bun.build(
    buildConfig(options, [nativeAddonWatch(native), apiCopyWatch(copies)]),
  );
  const name = relative(options.workingFolder, options.file);
  const [installed] = copies;
  if (installed !== undefined) throw copyError(installed, name, options.workingFolder);
  if (!output.success || native.length > 0) {
    const faults = describeBuildFault(output.logs, native, options.workingFolder);
    throw new HeronError(
      "bundle_failed",
      `Bundle "${name}": found what cannot be packed\n${faults}`,
    );
  }
  const copy = bundledCopy(await sourcesOf(output.outputs, options));
  if (copy !== undefined) throw copyError(copy, name, options.workingFolder);
  let bytes = 0;
  for (const artifact of output.outputs) {
    if (artifact.kind === "entry-point") bytes = artifact.size;
    await writeArtifact(artifact, options);
  }
  return { path: join(options.folder, BUNDLE_FILE), bytes };
}

function buildConfig(options: BundleOptions, plugins: Bun.BunPlugin[]): Bun.BuildConfig {
  const config: Bun.BuildConfig & { macros: boolean } = {
    entrypoints: [options.file],
    target: "bun",
    format: "esm",
    external: ["heron-bin"],
    sourcemap: "linked",
    env: "disable",
    // Not in the published types: with macros on, bundling runs code.
    macros: false,
    throw: false,
    tsconfig: options.tsconfig,
    // What a package.json says of side effects must not drop a user's import.
    ignoreDCEAnnotations: true,
    define: { "process.env.NODE_ENV": JSON.stringify(options.nodeEnv) },
    publicPath: ASSET_MARK,
    naming: {
      entry: "bundle.[ext]",
      chunk: "chunk-[hash].[ext]",
      asset: "files/[name]-[hash].[ext]",
    },
    plugins,
  };
  return config;
}

// Resolution stays as it is; only who asks for what is written down.
function nativeAddonWatch(native: NativeImport[]): Bun.BunPlugin {
  return {
    name: "native-addon-watch",
    setup(build) {
      build.onResolve({ filter: /\.node$/ }, ({ path, importer }) => {
        native.push({ path, importer });
        return undefined;
      });
    },
  };
}

// The package would be passed over for the binary's own: a user who installed it is told.
function apiCopyWatch(copies: ApiCopy[]): Bun.BunPlugin {
  return {
    name: "api-copy-watch",
    setup(build) {
      build.onResolve({ filter: /^heron-bin$/ }, async ({ importer }) => {
        const copy = copies.length > 0 ? undefined : await installedCopy(dirname(importer));
        if (copy !== undefined) copies.push(copy);
        return undefined;
      });
    },
  };
}

/** What was bundled: text by absolute path, as far as the source maps say. */
async function sourcesOf(
  artifacts: readonly Artifact[],
  options: BundleOptions,
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const artifact of artifacts) {
    if (artifact.kind !== "sourcemap") continue;
    // The bundler's own, in the form of its version 3.
    const map = JSON.parse(await artifact.text()) as {
      sources: string[];
      sourcesContent: string[];
    };
    for (const [at, source] of map.sources.entries()) {
      found.set(resolve(options.workingFolder, source), map.sourcesContent[at] ?? "");
    }
  }
  return found;
}

async function writeArtifact(artifact: Artifact, options: BundleOptions): Promise<void> {
  const path = join(options.folder, artifact.path);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  switch (artifact.kind) {
    case "entry-point":
      return writeFile(path, resolveAssets(await artifact.text()), { mode: 0o600 });
    case "sourcemap":
      return writeFile(path, rebaseSources(await artifact.text(), options), { mode: 0o600 });
    default:
      return writeFile(path, new Uint8Array(await artifact.arrayBuffer()), { mode: 0o600 });
  }
}

// An imported file is found beside the bundle, wherever that is copied to.
function resolveAssets(code: string): string {
  return code
    .replaceAll(new RegExp(`"${ASSET_MARK}([^"]*)"`, "g"), '(import.meta.dir+"/$1")')
    .replaceAll(ASSET_MARK, "");
}

// Stacks name files relative to the topology's: the map lies beside the bundle, and Bun joins the two.
function rebaseSources(text: string, options: BundleOptions): string {
  const map: unknown = JSON.parse(text);
  if (typeof map !== "object" || map === null || !("sources" in map)) return text;
  if (!Array.isArray(map.sources)) return text;
  const home = dirname(options.file);
  const sources = map.sources.map((source: unknown) => {
    const path = resolve(options.workingFolder, String(source));
    const inside = relative(home, path);
    return inside.startsWith("../") ? path : inside;
  });
  return JSON.stringify({ ...map, file: basename(BUNDLE_FILE), sources });
}
