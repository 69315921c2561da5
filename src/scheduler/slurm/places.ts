/**
 * Which container is on which node of a job, also when the job has lost nodes: those that were
 * there go to others that have the memory for them, one after the other as they are started, or
 * have no place. Pure.
 */

import { assertDefined, HeronError } from "../../base/mod.ts";
import { type Allocation, placeContainers } from "./allocation.ts";
import type { ContainerSize } from "./job_size.ts";

const MIB = 1024 * 1024;

/** The places of a job's containers. */
export class Places {
  readonly #nodes: Allocation["nodes"];
  readonly #sizes: ReadonlyMap<number, ContainerSize>;
  /** The node of each container; of one without a place that which it had. */
  readonly #places: Map<number, string>;
  readonly #lost = new Set<string>();
  /** Whether the job has the memory that its containers need, so that they can be given parts of it. */
  readonly #isMemoryCounted: boolean;

  /** @throws HeronError `invalid_config` when there are fewer places than containers */
  constructor({ nodes }: Pick<Allocation, "nodes">, sizes: readonly ContainerSize[]) {
    this.#nodes = nodes;
    this.#sizes = new Map(sizes.map((size) => [size.container, size]));
    this.#places = new Map(placeContainers([...this.#sizes.keys()], nodes));
    // Who asks for none gets what the partition gives, which says nothing of what there is.
    this.#isMemoryCounted = nodes.every(({ name, ramMib }) =>
      ramMib !== Infinity && this.#ramOn(name) <= ramMib * MIB
    );
  }

  /** What a container needs. @throws HeronError `corrupt` for one that the job was not made for */
  sizeOf(container: number): ContainerSize {
    const size = this.#sizes.get(container);
    if (size !== undefined) return size;
    const expected = `one of ${this.#sizes.size} that the job was made for`;
    throw new HeronError(
      "corrupt",
      `Start container ${container}: not found, expected ${expected}`,
    );
  }

  /** Memory that the step of a container asks for, in MiB; 0: all that the job has on its node. */
  ramMibOf(container: number): number {
    return this.#isMemoryCounted ? Math.ceil(this.sizeOf(container).ramBytes / MIB) : 0;
  }

  /** The node of a container; one that the job has lost when there was no other. */
  nodeOf(container: number): string {
    return assertDefined(this.#places.get(container), `the node of container ${container}`);
  }

  /** Whether the job has lost a node. */
  isLost(node: string): boolean {
    return this.#lost.has(node);
  }

  /** The node on which a container is to start; undefined: its own is lost, and none has room for it. */
  place(container: number): string | undefined {
    const { ramBytes } = this.sizeOf(container);
    const node = this.nodeOf(container);
    if (!this.#lost.has(node)) return node;
    const [roomiest] = this.#nodes.filter(({ name }) => !this.#lost.has(name))
      .map(({ name, ramMib }) => ({
        name,
        freeBytes: this.#isMemoryCounted ? ramMib * MIB - this.#ramOn(name) : Infinity,
      }))
      .filter(({ freeBytes }) => freeBytes >= ramBytes)
      .toSorted((a, b) =>
        // Where memory is not counted, all have as much.
        a.freeBytes === b.freeBytes
          ? this.#countOn(a.name) - this.#countOn(b.name)
          : b.freeBytes - a.freeBytes
      );
    if (roomiest !== undefined) this.#places.set(container, roomiest.name);
    return roomiest?.name;
  }

  /** An earlier scheduler has started a container on that node. */
  found(container: number, node: string): void {
    if (this.#nodes.some(({ name }) => name === node)) this.#places.set(container, node);
  }

  /** The job has these nodes now; those that it has lost since. */
  see(nodes: readonly string[]): readonly string[] {
    const lost = this.#nodes.map(({ name }) => name)
      .filter((name) => !nodes.includes(name) && !this.#lost.has(name));
    for (const name of lost) this.#lost.add(name);
    return lost;
  }

  #on(node: string): readonly number[] {
    return [...this.#places].flatMap(([container, place]) => place === node ? [container] : []);
  }

  #countOn(node: string): number {
    return this.#on(node).length;
  }

  #ramOn(node: string): number {
    return this.#on(node).reduce((sum, container) => sum + this.sizeOf(container).ramBytes, 0);
  }
}
