/**
 * The builder of topologies, with Storm's and Heron's names. It records what
 * is set; `createTopology` checks all of it and lists every fault at once.
 */

import { HeronError } from "../base/mod.ts";
import { BasicBoltExecutor } from "./basic_bolt_executor.ts";
import { type BaseBasicBolt, type IBasicBolt, type IBolt, isBasicBolt } from "./bolt.ts";
import { checkComponent, componentLabel } from "./component_checks.ts";
import { Config, serializationsOf, toConfigMap } from "./config.ts";
import { checkCustomGroupings } from "./custom_grouping.ts";
import { checkTopologyConfig, nameOf } from "./topology_config_checks.ts";
import {
  type BoltDeclarer,
  type ComponentDraft,
  DraftDeclarer,
  type SpoutDeclarer,
} from "./declarers.ts";
import type { ComponentDefinition, ConfigMap } from "./definition.ts";
import type { BasicBoltMark, BasicBoltOf, BoltOf, Emitting, SpoutOf } from "./emitting_types.ts";
import { checkInputs } from "./input_checks.ts";
import type { ISpout } from "./spout.ts";
import type { TaskHookFactory } from "./context.ts";
import type { AnyComponents, Components } from "./source_types.ts";
import type { InputOf, Outputs, OutputsOf, StreamFields } from "./stream_types.ts";
import { checkSerializations, serializationsConfig } from "./serialization.ts";
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
 *
 * Components that declare `outputs` are checked by the compiler where others subscribe, if the source
 * is what `setSpout` or `setBolt` returned, or if the builder is told the components by type: then
 * ids, streams and fields are checked as plain strings too.
 *
 * @example
 * ```ts
 * import { BaseBasicBolt, BaseRichSpout, Fields, TopologyBuilder, type Tuple } from "heron-bin";
 *
 * class Words extends BaseRichSpout {
 *   override readonly outputs = new Fields("word").of<[string]>();
 *   nextTuple(): void {}
 * }
 * class Count extends BaseBasicBolt {
 *   execute(tuple: Tuple<Words["outputs"]>): void {
 *     console.log(tuple.getValueByField("word").length);
 *   }
 * }
 *
 * const builder = new TopologyBuilder<{ words: Words; count: Count }>("word-count");
 * builder.setSpout("words", new Words());
 * builder.setBolt("count", new Count()).fieldsGrouping("words", ["word"]);
 * ```
 */
export class TopologyBuilder<C extends Components<C> = AnyComponents> {
  readonly #name: string | undefined;
  readonly #spouts: ComponentDraft[] = [];
  readonly #bolts: ComponentDraft[] = [];
  readonly #taskHooks: TaskHookFactory[] = [];

  /** Starts a topology; its name may also come from the configuration (`topology.name`). */
  constructor(name?: string) {
    this.#name = name;
  }

  /** Adds a spout that runs as `parallelism` tasks, `@default 1`. */
  setSpout<Id extends keyof C & string, S extends C[Id], O extends Outputs = StreamFields>(
    id: Id,
    spout: S & SpoutOf<O> & Emitting<S>,
    parallelism?: number,
  ): SpoutDeclarer<OutputsOf<S>>;
  setSpout(id: string, spout: ISpout, parallelism: number = 1): SpoutDeclarer {
    const draft = createDraft("spout", id, { component: spout, code: spout, parallelism });
    this.#spouts.push(draft);
    return new DraftDeclarer(draft);
  }

  /** Adds a bolt that runs as `parallelism` tasks, `@default 1`; the declarer says what it subscribes to. */
  setBolt<Id extends keyof C & string, B extends C[Id], O extends Outputs = StreamFields>(
    id: Id,
    bolt: B & (BoltOf<O> | BasicBoltMark) & Emitting<B>,
    parallelism?: number,
  ): BoltDeclarer<OutputsOf<B>, InputOf<B>, C>;
  setBolt(id: string, bolt: IBolt | BaseBasicBolt, parallelism: number = 1): unknown {
    const component = isBasicBolt(bolt) ? new BasicBoltExecutor(bolt) : bolt;
    return this.#addBolt(id, { component, code: bolt, parallelism });
  }

  /**
   * The same as `setBolt`, for a basic bolt that does not extend `BaseBasicBolt`: `setBolt` would
   * take it for a rich one, which acks by itself.
   */
  setBasicBolt<Id extends keyof C & string, B extends C[Id], O extends Outputs = StreamFields>(
    id: Id,
    bolt: B & BasicBoltOf<O> & Emitting<B>,
    parallelism?: number,
  ): BoltDeclarer<OutputsOf<B>, InputOf<B>, C>;
  setBasicBolt(id: string, bolt: IBasicBolt, parallelism: number = 1): unknown {
    return this.#addBolt(id, { component: new BasicBoltExecutor(bolt), code: bolt, parallelism });
  }

  /**
   * Gives each task of the topology a hook of its own, made by `create` in the task's process. It
   * takes the place of Heron's `topology.auto.task.hooks`: a bundle has no classes that could be
   * loaded by their names, but it carries functions.
   */
  addTaskHook(create: TaskHookFactory): this {
    this.#taskHooks.push(create);
    return this;
  }

  /**
   * Checks what was set and makes the topology of it.
   * @throws HeronError with code `invalid_topology`, one line for each fault
   */
  createTopology(config: Config | ConfigMap = {}): Topology {
    const faults: string[] = [];
    const serializations = checkSerializations(serializationsOf(config), faults);
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
      config: checkTopologyConfig(
        { ...given, ...serializationsConfig(serializations) },
        { name, components },
        faults,
      ),
      components: Object.freeze(components),
    });
    if (faults.length > 0) throw invalidTopology(name, faults);
    const code = new Map(drafts.map((draft) => [draft.id, draft]));
    return createTopology(definition, code, { serializations, taskHooks: this.#taskHooks });
  }

  #addBolt(id: string, given: GivenCode): BoltDeclarer {
    const draft = createDraft("bolt", id, given);
    this.#bolts.push(draft);
    // What is known by type is not there when it runs: the same object records whatever is called.
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
