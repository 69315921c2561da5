/**
 * A built topology: its definition as data, and the user's components by name.
 * Building and checking is the builder's.
 */

import type { IBolt } from "./bolt.ts";
import type { MaybePromise } from "./component.ts";
import type { TopologyDefinition } from "./definition.ts";
import type { RegisteredSerialization } from "./serialization.ts";
import type { ISpout } from "./spout.ts";

// A registered symbol, so that another copy of this module knows the topologies of this one.
const TOPOLOGY_BRAND: unique symbol = Symbol.for("heron-bin.topology");

// Not registered: each copy of this module has its own.
const THIS_COPY = Symbol("heron-bin");

/** What `TopologyBuilder.createTopology` returns and a topology file's default export gives back. */
export interface Topology {
  /** The topology as plain data, checked. */
  readonly definition: TopologyDefinition;
  /**
   * The user's component of that name; basic bolts come wrapped as rich ones.
   * @throws RangeError when there is none
   */
  component(name: string): ISpout | IBolt;
  /** The classes of the user that tuples carry, in the order of their names; absent: none. */
  readonly serializations?: readonly RegisteredSerialization[];
}

/**
 * The default export of a topology file: makes the topology from the arguments of the command line.
 * It is called several times, in several processes, and must give the same topology each time.
 */
export type TopologyFactory = (args: readonly string[]) => MaybePromise<Topology>;

/** Makes a branded topology of checked parts. */
export function createTopology(
  definition: TopologyDefinition,
  components: ReadonlyMap<string, ISpout | IBolt>,
  serializations: readonly RegisteredSerialization[] = [],
): Topology {
  return Object.freeze({
    [TOPOLOGY_BRAND]: THIS_COPY,
    definition,
    serializations,
    component(name: string): ISpout | IBolt {
      const component = components.get(name);
      if (component === undefined) {
        throw new RangeError(
          `Look up component "${name}": not found, expected one of ${
            [...components.keys()].join(", ")
          }`,
        );
      }
      return component;
    },
  });
}

/** Whether `value` was made by `createTopology`, of this or another copy of the API. */
export function isTopology(value: unknown): value is Topology {
  return typeof value === "object" && value !== null && TOPOLOGY_BRAND in value;
}

/** Whether `topology` was made by `createTopology` of this copy of the API. */
export function isOwnTopology(topology: Topology): boolean {
  return TOPOLOGY_BRAND in topology && topology[TOPOLOGY_BRAND] === THIS_COPY;
}
