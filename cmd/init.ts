/** `heron-bin init`: the folder of a new topology, with all that an editor needs for it. */

import { relative } from "node:path";
// The build puts the files themselves in its place.
import { initFiles } from "../scripts/init_files.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { type CommandSpec, parseFlags } from "./flags.ts";
import { VERSION } from "./version.ts";

/** What `heron-bin init` takes. */
export const INIT_SPEC: CommandSpec = Object.freeze({
  name: "init",
  summary: "Make a folder with a topology, its test, and the declarations of this binary's API.",
  positionals: [{ name: "<name>", description: "name of the topology and of its folder" }],
  flags: [{
    flag: "--force",
    description: "also in a folder with files: those stay, the declarations are written anew",
  }],
  exitCodes: [0, 2, 5],
});

/** Makes the folder and says what comes next. */
export async function initCommand(argv: readonly string[]): Promise<number> {
  const parsing = await parseFlags(INIT_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const [name = ""] = parsing.flags.positionals;
  const { path, written, kept } = await lifecycle.createTopologyFolder({
    name,
    parent: process.cwd(),
    files: await initFiles(),
    force: parsing.flags.isSet("--force"),
  });
  const folder = relative(process.cwd(), path);
  const lines = [
    ...written.map((file) => `  wrote ${folder}/${file}`),
    ...kept.map((file) => `  kept  ${folder}/${file}`),
  ];
  const quoted = /^[\w-]+$/.test(folder) ? folder : `'${folder.replaceAll("'", "'\\''")}'`;
  console.log(`heron-bin ${VERSION}: topology "${name}"
${lines.join("\n")}

Next:
  cd ${quoted}
  heron-bin check topology.ts
  heron-bin test
  heron-bin run topology.ts`);
  return 0;
}
