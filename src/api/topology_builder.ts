/**
 * The builder of topologies, with Storm's and Heron's names. It records what
 * is set; `createTopology` checks all of it and lists every fault at once.
 */

import { HeronError } from "../base/mod.ts";
import { BasicBoltExecutor } from "./basic_bolt_executor.ts";
import { type BaseBasicBolt, type IBasicBolt, type IBolt, isBasicBolt } from "./bolt.ts";
import { checkComponent, componentLabel } from "./component_checks.ts";
import { Config, toConfigMap } from "./config.ts";
import { checkCustomGroupings } from "./custom_grouping.ts";
import { checkTopologyConfig, nameOf } from "./topology_config_checks.ts";
import {
  type BoltDeclarer,
  type ComponentDraft,
  DraftDeclarer,
  type SpoutDeclarer,
} from "./declarers.ts";
import type { ComponentDefinition, ConfigMap } from "./definition.ts";
import { checkInputs } from "./input_checks.ts";
import type { ISpout } from "./spout.ts";
import { createTopology, type Topology } from "./topology.ts";

/**
 * Builds a topology of spouts and bolts.
 *
 * @example
 * ```ts
 * import { type IBolt, type ISpout, type Topology, TopologyBuilder } from "heron-bin";
 *
 * function build(sentences: ISpout, split: IBolt, count: IBolt): Topology {
 *   const builder = new TopologyBuilder("word-count");
 *   builder.setSpout("sentences", sentences);
 *   builder.setBolt("split", split, 2).shuffleGrouping("sentences");
 *   builder.setBolt("count", count, 2).fieldsGrouping("split", ["word"]);
 *   return builder.createTopology();
 * }
 * ```
 */
export class TopologyBuilder {
  readonly #name: string | undefined;
  readonly #spouts: ComponentDraft[] = [];
  readonly #bolts: ComponentDraft[] = [];

  /** Starts a topology; its name may also come from the configuration (`topology.name`). */
  constructor(name?: string) {
    this.#name = name;
  }

  /** Adds a spout that runs as `parallelism` tasks, `@default 1`. */
  setSpout(id: string, spout: ISpout, parallelism: number = 1): SpoutDeclarer {
    const draft = createDraft("spout", id, { component: spout, code: spout, parallelism });
    this.#spouts.push(draft);
    return new DraftDeclarer(draft);
  }

  /** Adds a bolt that runs as `parallelism` tasks, `@default 1`; the declarer says what it subscribes to. */
  setBolt(id: string, bolt: IBolt | BaseBasicBolt, parallelism: number = 1): BoltDeclarer {
    if (isBasicBolt(bolt)) return this.setBasicBolt(id, bolt, parallelism);
    return this.#addBolt(id, { component: bolt, code: bolt, parallelism });
  }

  /**
   * The same as `setBolt`, for a basic bolt that does not extend `BaseBasicBolt`: `setBolt` would
   * take it for a rich one, which acks by itself.
   */
  setBasicBolt(id: string, bolt: IBasicBolt, parallelism: number = 1): BoltDeclarer {
    return this.#addBolt(id, { component: new BasicBoltExecutor(bolt), code: bolt, parallelism });
  }

  /**
   * Checks what was set and makes the topology of it.
   * @throws HeronError with code `invalid_topology`, one line for each fault
   */
  createTopology(config: Config | ConfigMap = {}): Topology {
    const faults: string[] = [];
    const drafts = [...this.#spouts, ...this.#bolts];
    const given = toConfigMap(config);
    const name = nameOf(this.#name, given, faults);
    if (this.#spouts.length === 0) faults.push("Topology: has no spout, expected at least one");
    checkDuplicates(drafts, faults);
    const components = drafts.map((draft) => checkComponent(draft, faults));
    const byName = firstByName(components);
    for (const component of components) {
      if (component.kind === "bolt") checkInputs(component, byName, faults);
    }
    for (const { id, customs } of drafts) checkCustomGroupings(id, customs, faults);
    const definition = Object.freeze({
      name,
      config: checkTopologyConfig(given, { name, components }, faults),
      components: Object.freeze(components),
    });
    if (faults.length > 0) throw invalidTopology(name, faults);
    return createTopology(definition, new Map(drafts.map((draft) => [draft.id, draft])));
  }

  #addBolt(id: string, given: GivenCode): BoltDeclarer {
    const draft = createDraft("bolt", id, given);
    this.#bolts.push(draft);
    return new DraftDeclarer(draft);
  }
}

type GivenCode = Pick<ComponentDraft, "component" | "code" | "parallelism">;

function createDraft(
  kind: ComponentDraft["kind"],
  id: string,
  given: GivenCode,
): ComponentDraft {
  return { kind, id, ...given, config: new Config(), inputs: [], customs: [] };
}

function checkDuplicates(drafts: readonly ComponentDraft[], faults: string[]): void {
  const owners = new Map<string, ComponentDraft>();
  for (const draft of drafts) {
    const owner = owners.get(draft.id);
    if (owner === undefined) owners.set(draft.id, draft);
    else faults.push(`${componentLabel(draft)}: its id is already used by a ${owner.kind}`);
  }
}

function firstByName(
  components: readonly ComponentDefinition[],
): ReadonlyMap<string, ComponentDefinition> {
  return new Map(components.toReversed().map((component) => [component.name, component]));
}

function invalidTopology(name: string, faults: readonly string[]): HeronError {
  const count = faults.length === 1 ? "1 fault" : `${faults.length} faults`;
  const lines = faults.map((fault) => `\n  ${fault}`).join("");
  return new HeronError("invalid_topology", `Build topology "${name}": found ${count}${lines}`);
}
