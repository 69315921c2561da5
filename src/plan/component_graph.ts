/**
 * Who feeds whom among components: neighbours, reachability, cycles, and the
 * inputs whose markers are waited for. Edges inside a strongly connected
 * component are left out of alignment (PROTOCOL section 6).
 */

import type { TopologyDefinition } from "../api/mod.ts";
import { stronglyConnected } from "./strong_components.ts";

/** The graph of a topology's components. */
export class ComponentGraph {
  readonly #names: readonly string[];
  readonly #sources = new Map<string, string[]>();
  readonly #targets = new Map<string, string[]>();
  readonly #strong: ReadonlyMap<string, number>;
  readonly #depths: ReadonlyMap<string, number>;
  readonly #reachable = new Map<string, ReadonlySet<string>>();

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
    this.#strong = stronglyConnected(this.#names, (name) => this.targetsOf(name));
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

  /** Components that feed no other one, in order of declaration. */
  get leaves(): readonly string[] {
    return this.#names.filter((name) => this.targetsOf(name).every((target) => target === name));
  }

  /** Whether tuples of `from` can come to `to`, over at least one edge. */
  canReach(from: string, to: string): boolean {
    return this.#reachableFrom(from).has(to);
  }

  #reachableFrom(name: string): ReadonlySet<string> {
    const known = this.#reachable.get(name);
    if (known !== undefined) return known;
    const seen = new Set<string>(this.targetsOf(name));
    for (const next of seen) {
      for (const target of this.targetsOf(next)) seen.add(target);
    }
    this.#reachable.set(name, seen);
    return seen;
  }

  /** Whether `a` and `b` lie on a common cycle; with `a` = `b`: whether it lies on any. */
  areOnOneCycle(a: string, b: string): boolean {
    if (a !== b) return this.#strong.has(a) && this.#strong.get(a) === this.#strong.get(b);
    return this.targetsOf(a).some((target) => target === a || this.areOnOneCycle(a, target));
  }

  /** Whether there is any cycle. */
  get isCyclic(): boolean {
    return this.#names.some((name) => this.areOnOneCycle(name, name));
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

  /**
   * A shortest cycle through one of the components that `name` can reach, or
   * `name` itself; the first component is repeated at the end.
   */
  cycleReachedFrom(name: string): string[] | undefined {
    const start = this.#names.find((other) =>
      (other === name || this.canReach(name, other)) && this.areOnOneCycle(other, other)
    );
    return start === undefined ? undefined : this.#wayBack(start);
  }

  /**
   * A cycle that tuples of `name` come to and that is fed from outside at more than one of its
   * components: none of those sees the end of what the others are fed. As `cycleReachedFrom`.
   */
  cycleFedTwiceFrom(name: string): string[] | undefined {
    const start = this.#names.find((other) =>
      this.canReach(name, other) && this.#isFedTwice(other)
    );
    return start === undefined ? undefined : this.#wayBack(start);
  }

  /** Whether the cycle of `name` is fed from outside at more than one component. */
  #isFedTwice(name: string): boolean {
    if (!this.areOnOneCycle(name, name)) return false;
    const fed = this.#names.filter((other) =>
      this.areOnOneCycle(name, other) &&
      this.sourcesOf(other).some((source) => !this.areOnOneCycle(source, other))
    );
    return fed.length > 1;
  }

  // Breadth first; `start` lies on a cycle, so it is met again.
  #wayBack(start: string): string[] {
    const cameFrom = new Map<string, string>();
    const queue = [start];
    for (const name of queue) {
      for (const target of this.targetsOf(name)) {
        if (target === start) return this.#wayTo(name, { start, cameFrom });
        if (cameFrom.has(target)) continue;
        cameFrom.set(target, name);
        queue.push(target);
      }
    }
    return [start];
  }

  #wayTo(
    last: string,
    { start, cameFrom }: { start: string; cameFrom: ReadonlyMap<string, string> },
  ): string[] {
    const way = [start];
    for (let name: string | undefined = last; name !== undefined; name = cameFrom.get(name)) {
      way.unshift(name);
    }
    return way;
  }
}
