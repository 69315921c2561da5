/**
 * The user's topology, once for each task: in a cluster each task has its own
 * objects, in a process of its own, so a function that builds the topology is
 * called for each; a topology that is built already can only serve one task a component.
 */

import { isTopology, type Topology, type TopologyFactory, userObjectOf } from "../api/mod.ts";
import { callFactory } from "../plan/mod.ts";

/** What a test may give as its topology: the default export of its file, or what is built. */
export type UserTopology = TopologyFactory | Topology | { createTopology(): Topology };

/** Topologies that no task has yet. */
export class TopologyCopies {
  readonly #build: (() => Promise<Topology>) | undefined;
  readonly #first: Topology;
  readonly #spare: Topology[] = [];
  /** The objects of each component that were built. */
  readonly #seen = new Map<string, WeakSet<object>>();

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
          "a function that makes it anew, components and all, as each process of a run does: the " +
          "default export of its file",
      );
    }
    return new TopologyCopies(topology, undefined);
  }

  /** The topology that all are copies of. */
  get first(): Topology {
    return this.#first;
  }

  /**
   * Makes one for each of `tasks` tasks that start. Of the components `own` there are, or were,
   * several tasks.
   * @throws TypeError when a copy shares an object of one of `own` with another copy
   */
  async prepare(tasks: number, own: ReadonlySet<string>): Promise<void> {
    const build = this.#build;
    for (let made = 0; made < tasks && build !== undefined; made++) {
      const copy = await build();
      for (const { name } of copy.definition.components) this.#checkOwn(copy, name, own.has(name));
      this.#spare.push(copy);
    }
  }

  #checkOwn(copy: Topology, component: string, mustBeNew: boolean): void {
    const object = userObjectOf(copy.component(component));
    const seen = this.#seen.get(component) ?? new WeakSet();
    this.#seen.set(component, seen);
    if (mustBeNew && seen.has(object)) {
      throw new TypeError(
        `Test topology "${copy.definition.name}": found one object for several tasks of ` +
          `"${component}", expected a new one each time that the function is called: build the ` +
          "topology and make its components inside the function, as each process of a run does",
      );
    }
    seen.add(object);
  }

  /** A task may be started again. @throws TypeError when what was built is not to be had again */
  checkAgain(): void {
    if (this.#build !== undefined) return;
    throw new TypeError(
      "Crash a task: found a topology that is built already, which cannot be built again for the " +
        "next life of the task, expected a function that makes it anew, components and all",
    );
  }

  /** The topology of a task that starts. */
  take(): Topology {
    return this.#spare.shift() ?? this.#first;
  }
}
