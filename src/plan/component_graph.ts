/**
 * Who feeds whom among components: neighbours, reachability, cycles, and the
 * inputs whose markers are waited for. Edges inside a strongly connected
 * component are left out of alignment (PROTOCOL section 6).
 */

import type { TopologyDefinition } from "../api/mod.ts";

/** The graph of a topology's components. */
export class ComponentGraph {
  readonly #sources = new Map<string, string[]>();
  readonly #targets = new Map<string, string[]>();
  readonly #reachable = new Map<string, ReadonlySet<string>>();
  readonly #names: readonly string[];
  readonly #depths: ReadonlyMap<string, number>;

  /** The graph of `definition`. */
  constructor(definition: TopologyDefinition) {
    this.#names = definition.components.map((component) => component.name);
    for (const name of this.#names) {
      this.#sources.set(name, []);
      this.#targets.set(name, []);
    }
    for (const component of definition.components) {
      for (const source of new Set(component.inputs.map((input) => input.component))) {
        this.#sources.get(component.name)?.push(source);
        this.#targets.get(source)?.push(component.name);
      }
    }
    this.#depths = this.#measureDepths(
      definition.components.filter((one) => one.kind === "spout").map((one) => one.name),
    );
  }

  /** Steps from the nearest spout. */
  #measureDepths(spouts: readonly string[]): Map<string, number> {
    const depths = new Map<string, number>(spouts.map((name) => [name, 0]));
    const queue = [...spouts];
    for (const name of queue) {
      for (const target of this.targetsOf(name)) {
        if (depths.has(target)) continue;
        depths.set(target, (depths.get(name) ?? 0) + 1);
        queue.push(target);
      }
    }
    return depths;
  }

  /** Components that feed `name`. */
  sourcesOf(name: string): readonly string[] {
    return this.#sources.get(name) ?? [];
  }

  /** Components that `name` feeds. */
  targetsOf(name: string): readonly string[] {
    return this.#targets.get(name) ?? [];
  }

  /** Whether tuples of `from` can come to `to`, over at least one edge. */
  canReach(from: string, to: string): boolean {
    return this.#reachableFrom(from).has(to);
  }

  #reachableFrom(name: string): ReadonlySet<string> {
    const known = this.#reachable.get(name);
    if (known !== undefined) return known;
    const seen = new Set<string>();
    const queue = [...this.targetsOf(name)];
    for (const next of queue) {
      if (seen.has(next)) continue;
      seen.add(next);
      queue.push(...this.targetsOf(next));
    }
    this.#reachable.set(name, seen);
    return seen;
  }

  /** Whether `a` and `b` lie on a common cycle. */
  areOnOneCycle(a: string, b: string): boolean {
    return this.canReach(a, b) && this.canReach(b, a);
  }

  /**
   * The sources whose markers `name` waits for. A component that is fed from its
   * own cycle only waits for those of its sources that are nearer to a spout.
   */
  alignmentSourcesOf(name: string): readonly string[] {
    const sources = this.sourcesOf(name);
    const outside = sources.filter((source) => !this.areOnOneCycle(source, name));
    if (outside.length > 0) return outside;
    const depth = this.#depths.get(name) ?? 0;
    return sources.filter((source) => (this.#depths.get(source) ?? 0) < depth);
  }

  /** A cycle that `name` can reach, its first component repeated at the end. */
  cycleReachedFrom(name: string): string[] | undefined {
    const start = this.#names.find((other) =>
      (other === name || this.canReach(name, other)) && this.canReach(other, other)
    );
    return start === undefined ? undefined : this.#pathBack(start);
  }

  #pathBack(start: string): string[] {
    const paths: string[][] = [[start]];
    for (const path of paths) {
      const last = path.at(-1) ?? start;
      for (const target of this.targetsOf(last)) {
        if (target === start) return [...path, start];
        if (this.canReach(target, start) && !path.includes(target)) paths.push([...path, target]);
      }
    }
    return [start, start];
  }
}
