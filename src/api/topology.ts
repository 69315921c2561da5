/**
 * A built topology: its definition as data, and the user's components by name.
 * Building and checking is the builder's.
 */

import type { IBolt } from "./bolt.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import type { CustomStreamGrouping, CustomSubscription } from "./custom_grouping.ts";
import type { TopologyDefinition } from "./definition.ts";
import type { RegisteredSerialization } from "./serialization.ts";
import type { ISpout } from "./spout.ts";
import type { TaskHookFactory } from "./context.ts";

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
  /** What makes the hooks of each task. */
  readonly taskHooks: readonly TaskHookFactory[];
  /** The classes of the user that tuples carry, in the order of their names; absent: none. */
  readonly serializations?: readonly RegisteredSerialization[];
  /**
   * The user's object of a custom grouping, by who subscribes to which stream.
   * @throws RangeError when there is none
   */
  customGrouping(subscription: SubscriptionName): CustomStreamGrouping;
}

/** Who subscribes to which stream. */
export interface SubscriptionName {
  /** Who subscribes. */
  readonly bolt: string;
  /** The source. */
  readonly component: string;
  /** The stream of the source. */
  readonly stream: string;
}

/** The user's code that belongs to no component. */
export interface TopologyCode {
  readonly serializations?: readonly RegisteredSerialization[];
  readonly taskHooks?: readonly TaskHookFactory[];
}

/** The user's code of one component. */
export interface ComponentCode {
  readonly component: ISpout | IBolt;
  /** The objects of its custom groupings. */
  readonly customs: readonly CustomSubscription[];
}

/**
 * The default export of a topology file: makes the topology from the arguments of the command line.
 * It is called several times, in several processes, and must give the same topology each time.
 */
export type TopologyFactory = (args: readonly string[]) => MaybePromise<Topology>;

/** Makes a branded topology of checked parts. */
export function createTopology(
  definition: TopologyDefinition,
  components: ReadonlyMap<string, ComponentCode>,
  { serializations = [], taskHooks = [] }: TopologyCode = {},
): Topology {
  return Object.freeze({
    [TOPOLOGY_BRAND]: THIS_COPY,
    definition,
    serializations,
    taskHooks: Object.freeze([...taskHooks]),
    component(name: string): ISpout | IBolt {
      const code = components.get(name);
      if (code === undefined) {
        throw new RangeError(
          `Look up component "${name}": not found, expected one of ${
            [...components.keys()].join(", ")
          }`,
        );
      }
      return code.component;
    },
    customGrouping({ bolt, component, stream }: SubscriptionName): CustomStreamGrouping {
      const known = components.get(bolt)?.customs.find((one) =>
        one.component === component && one.stream === stream
      );
      if (known !== undefined) return known.grouping;
      throw new RangeError(
        `Look up the custom grouping of "${bolt}" on stream "${stream}" of "${component}": ` +
          "not found, expected one that was declared by customGrouping()",
      );
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
