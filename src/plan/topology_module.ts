/**
 * Builds the topology of a bundle in this thread: `heron-bin` inside it means
 * this binary's own copy of the API, and the default export is called with the
 * user's arguments. `open` and `prepare` are the instance's business.
 */

import * as api from "../api/mod.ts";
import { isOwnTopology, isTopology, type Topology } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";

/** Registers the module `heron-bin` in this thread; once a thread. */
export function registerUserApi(): void {
  Bun.plugin({
    name: "heron-bin",
    setup(build) {
      build.module("heron-bin", () => ({ exports: { ...api }, loader: "object" }));
    },
  });
}

/** Imports the bundle; what its top level throws is the user's. */
export async function importBundle(bundle: string): Promise<Record<string, unknown>> {
  return { ...await import(bundle) };
}

/**
 * Calls the default export of a topology module.
 * @throws HeronError "bad_default_export" when there is none or it gives no topology, "duplicate_api"
 *   when a second copy of the API built it
 */
export async function callFactory(factory: unknown, args: readonly string[]): Promise<Topology> {
  if (factory === undefined) {
    throw new HeronError(
      "bad_default_export",
      'Define the topology: the file has no default export, expected "export default function (args) { … }" that returns a topology',
    );
  }
  if (typeof factory !== "function") {
    throw new HeronError(
      "bad_default_export",
      `Define the topology: the default export is ${
        kindOf(factory)
      }, expected a function that returns a topology`,
    );
  }
  const made: unknown = await factory([...args]);
  if (isTopology(made)) return ownTopology(made);
  const built = createByBuilder(made);
  if (isTopology(built)) return ownTopology(built);
  throw new HeronError(
    "bad_default_export",
    `Define the topology: the default export returned ${kindOf(made)}, ` +
      'expected what "TopologyBuilder.createTopology()" returns',
  );
}

// Another copy may be of another version, and what it checked and made is not what runs here.
function ownTopology(made: Topology): Topology {
  if (isOwnTopology(made)) return made;
  throw new HeronError(
    "duplicate_api",
    "Define the topology: it was built by a second copy of the API, expected the one in this binary " +
      'alone: import everything from "heron-bin", and load no other mod.ts or package of it',
  );
}

// A builder in place of what it builds is a slip that has one meaning.
function createByBuilder(made: unknown): unknown {
  if (typeof made !== "object" || made === null || !("createTopology" in made)) return undefined;
  return typeof made.createTopology === "function" ? made.createTopology() : undefined;
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object of another kind" : `a ${typeof value}`;
}
