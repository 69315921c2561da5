/**
 * The user's topology, once for each task: in a cluster each task has its own
 * objects, in a process of its own, so a function that builds the topology is
 * called for each; a topology that is built already can only serve one task a component.
 */

import { isTopology, type Topology, type TopologyFactory } from "../api/mod.ts";
import { callFactory } from "../plan/mod.ts";

/** What a test may give as its topology: the default export of its file, or what is built. */
export type UserTopology = TopologyFactory | Topology | { createTopology(): Topology };

/** Topologies that no task has yet. */
export class TopologyCopies {
  readonly #build: (() => Promise<Topology>) | undefined;
  readonly #first: Topology;
  readonly #spare: Topology[] = [];

  private constructor(first: Topology, build: (() => Promise<Topology>) | undefined) {
    this.#first = first;
    this.#build = build;
  }

  /**
   * Takes what the user gave.
   * @throws HeronError "invalid_topology" when it gives no topology
   * @throws TypeError when it is built already and a component has several tasks
   */
  static async open(given: UserTopology, args: readonly string[]): Promise<TopologyCopies> {
    if (typeof given === "function") {
      const build = (): Promise<Topology> => callFactory(given, args);
      return new TopologyCopies(await build(), build);
    }
    const topology = isTopology(given) ? given : await callFactory(() => given, []);
    const wide = topology.definition.components.find(({ parallelism }) => parallelism > 1);
    if (wide !== undefined) {
      throw new TypeError(
        `Test topology "${topology.definition.name}": found a topology that is built already, ` +
          `and ${wide.parallelism} tasks of "${wide.name}" that would share one object, expected ` +
          "the function that builds it: createTestTopology(() => builder.createTopology())",
      );
    }
    return new TopologyCopies(topology, undefined);
  }

  /** The topology that all are copies of. */
  get first(): Topology {
    return this.#first;
  }

  /** Makes one for each of `tasks` tasks that start. @throws TypeError when it is built already and did start */
  async prepare(tasks: number): Promise<void> {
    const build = this.#build;
    for (let made = 0; made < tasks && build !== undefined; made++) {
      this.#spare.push(await build());
    }
  }

  /** A task may be started again. @throws TypeError when what was built is not to be had again */
  checkAgain(): void {
    if (this.#build !== undefined) return;
    throw new TypeError(
      "Crash a task: found a topology that is built already, which cannot be built again for the " +
        "next life of the task, expected the function that builds it: createTestTopology(() => …)",
    );
  }

  /** The topology of a task that starts. */
  take(): Topology {
    return this.#spare.shift() ?? this.#first;
  }
}
