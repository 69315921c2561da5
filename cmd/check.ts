/** `heron-bin check`: what a topology file comes to, without running it. */

import { tmpdir, userInfo } from "node:os";
import { Config } from "../src/api/mod.ts";
import { systemConfigFrom } from "../src/base/config/mod.ts";
import { HeronError, systemClock, systemRandom } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import { componentSettings } from "../src/plan/mod.ts";
import { type CommandSpec, type ParsedFlags, parseFlags } from "./flags.ts";
import { Interrupts } from "./interrupts.ts";
import {
  buildTopology,
  CONTAINERS_FLAG,
  ENV_FLAG,
  findTopologyFile,
  readContainers,
  TOPOLOGY_POSITIONALS,
} from "./topology_file.ts";
import { findPacking } from "./wiring.ts";

/** What `heron-bin check` takes. */
export const CHECK_SPEC: CommandSpec = Object.freeze({
  name: "check",
  summary: "Check a topology: build it, say what is wrong, show its plan. Nothing is started.",
  positionals: TOPOLOGY_POSITIONALS,
  flags: [
    CONTAINERS_FLAG,
    { flag: "--json", description: "print the plan as one JSON object" },
    { flag: "--dot", description: "print the components as a graph for Graphviz" },
    ENV_FLAG,
  ],
  exitCodes: [0, 2, 3, 4, 5, 70, lifecycle.EXIT_INTERRUPTED],
});

/** Checks a topology; resolves with the exit code. */
export async function checkCommand(argv: readonly string[]): Promise<number> {
  const parsing = await parseFlags(CHECK_SPEC, argv);
  if (parsing.type === "help") {
    console.log(parsing.text);
    return 0;
  }
  const { flags } = parsing;
  if (flags.isSet("--json") && flags.isSet("--dot")) {
    throw new HeronError("usage", "Read the command line: found --json and --dot, expected one");
  }
  const [given = ""] = flags.positionals;
  const file = await findTopologyFile(given);
  const interrupts = new Interrupts();
  const folder = await lifecycle.createRunFolder({
    temporaryFolders: [tmpdir(), "/tmp"],
    userId: userInfo().uid,
    name: lifecycle.fileStemOf(file),
    random: systemRandom(),
  });
  try {
    const report = await reportOn(file, { flags, folder, signal: interrupts.signal });
    if (flags.isSet("--json")) console.log(JSON.stringify(report));
    else {console.write(
        flags.isSet("--dot") ? lifecycle.planToDot(report) : lifecycle.formatPlan(report),
      );}
    return 0;
  } catch (thrown) {
    if (interrupts.signal.aborted) return lifecycle.EXIT_INTERRUPTED;
    throw thrown;
  } finally {
    await lifecycle.removeRunFolder(folder);
  }
}

interface CheckParts {
  readonly flags: ParsedFlags;
  readonly folder: lifecycle.RunFolder;
  readonly signal: AbortSignal;
}

async function reportOn(
  file: string,
  { flags, folder, signal }: CheckParts,
): Promise<lifecycle.PlanReport> {
  const containers = readContainers(flags.text("--containers"));
  const { definition } = await buildTopology({
    file,
    arguments: flags.positionals.slice(1),
    environment: lifecycle.userEnvironment(process.env, flags.all("--env")),
    workingFolder: process.cwd(),
  }, { folder, clock: systemClock, random: systemRandom(), signal });
  // What a run would refuse later.
  const config = systemConfigFrom(definition.config);
  for (const component of definition.components) componentSettings(config, component);
  for (const unknown of lifecycle.unknownKeys(definition)) console.error(`heron-bin: ${unknown}`);
  const wanted = containers === undefined
    ? definition
    : { ...definition, config: { ...definition.config, [Config.TOPOLOGY_STMGRS]: containers } };
  const pack = await findPacking("round_robin");
  return lifecycle.planReport(wanted, pack(wanted, definition.name));
}
