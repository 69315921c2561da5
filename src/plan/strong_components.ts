/**
 * The strongly connected components of a directed graph, by Tarjan's
 * algorithm, without recursion: a chain may be as long as a topology.
 */

/** Where the search stands at one node. */
interface Visit {
  readonly node: string;
  readonly targets: readonly string[];
  next: number;
}

/**
 * The number of the strongly connected component of each node. Numbers count
 * from 0 against the edges: an edge between two components goes from the higher
 * number to the lower.
 */
export function stronglyConnected(
  nodes: readonly string[],
  targetsOf: (node: string) => readonly string[],
): ReadonlyMap<string, number> {
  const search = new Search(targetsOf);
  for (const node of nodes) search.from(node);
  return search.components;
}

class Search {
  readonly components = new Map<string, number>();
  readonly #targetsOf: (node: string) => readonly string[];
  readonly #order = new Map<string, number>();
  /** Smallest order that is known to be on the same cycle. */
  readonly #low = new Map<string, number>();
  readonly #open: string[] = [];
  #count = 0;

  constructor(targetsOf: (node: string) => readonly string[]) {
    this.#targetsOf = targetsOf;
  }

  from(root: string): void {
    if (this.#order.has(root)) return;
    const way = [this.#enter(root)];
    for (let visit = way.at(-1); visit !== undefined; visit = way.at(-1)) {
      const target = visit.targets[visit.next++];
      if (target === undefined) {
        this.#leave(visit.node);
        way.pop();
        const parent = way.at(-1);
        if (parent !== undefined) this.#lower(parent.node, this.#low.get(visit.node));
      } else if (!this.#order.has(target)) {
        way.push(this.#enter(target));
      } else if (!this.components.has(target)) {
        this.#lower(visit.node, this.#order.get(target));
      }
    }
  }

  #enter(node: string): Visit {
    const order = this.#order.size;
    this.#order.set(node, order);
    this.#low.set(node, order);
    this.#open.push(node);
    return { node, targets: this.#targetsOf(node), next: 0 };
  }

  #lower(node: string, to: number | undefined): void {
    const low = this.#low.get(node);
    if (low !== undefined && to !== undefined && to < low) this.#low.set(node, to);
  }

  // The first node of a component that was met is the last of it to be left.
  #leave(node: string): void {
    if (this.#low.get(node) !== this.#order.get(node)) return;
    const members = this.#open.splice(this.#open.lastIndexOf(node));
    for (const member of members) this.components.set(member, this.#count);
    this.#count++;
  }
}
