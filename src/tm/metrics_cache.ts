/**
 * The metrics of a whole topology, as the topology master keeps them: a few
 * reports of each source, and the last exceptions. Bounded: at most 28 MiB of values, 20,000 sources, and
 * 1000 exceptions, stack and message of each cut at 4096 characters; what is over is counted and let go.
 */

import type { ExceptionData } from "../base/gen/heron/metrics_pb.ts";
import type { ForwardMetrics, SourceMetrics } from "../base/gen/heron_bin/packet_pb.ts";
import { HeronError } from "../base/mod.ts";
import { aggregationOf } from "../metrics/mod.ts";
import { CachedSource } from "./cached_source.ts";

/** Limits of a cache. */
export interface CacheLimits {
  /** Sources. @default 20000 */
  readonly sourcesMax: number;
  /** Values of all sources, past ones included, 8 bytes each. @default 3670016 */
  readonly cellsMax: number;
  /** Names of each component. @default 1024 */
  readonly namesMax: number;
  /** Exceptions. @default 1000 */
  readonly exceptionsMax: number;
}

const DEFAULTS: CacheLimits = Object.freeze({
  sourcesMax: 20_000,
  cellsMax: 28 * 1024 * 1024 / 8,
  namesMax: 1024,
  exceptionsMax: 1000,
});

/** Names one connection may introduce. */
const WIRE_NAMES_MAX = 4096;
const NAME_LENGTH_MAX = 512;
const STACK_LENGTH_MAX = 4096;

/** A name of a component's sources, and which value of theirs it is. */
export interface NamedSlot {
  readonly name: string;
  readonly slot: number;
  readonly isCount: boolean;
}

/** An exception of user code and whose it is. */
export interface CachedException {
  readonly component: string;
  readonly instance: string;
  exception: ExceptionData;
}

/** One connection with a metrics manager, and the names that it has told. */
export class WireNames {
  readonly container: number;
  readonly #names: string[] = [];

  /** No names; the metrics manager is that of `container`. */
  constructor(container: number) {
    this.container = container;
  }

  /**
   * Takes the names that came.
   * @throws HeronError `protocol` when there are too many
   */
  add(names: readonly string[]): void {
    if (this.#names.length + names.length > WIRE_NAMES_MAX) {
      throw new HeronError(
        "protocol",
        `Take metrics: found more than ${WIRE_NAMES_MAX} names, expected fewer`,
      );
    }
    this.#names.push(...names);
  }

  /** The name of that number. @throws HeronError `protocol` when there is none */
  at(number: number): string {
    const name = this.#names[number];
    if (name !== undefined) return name;
    throw new HeronError(
      "protocol",
      `Take metrics: found name ${number}, expected one of ${this.#names.length}`,
    );
  }
}

/** The metrics of a topology. */
export class MetricsCache {
  readonly #limits: CacheLimits;
  readonly #sources = new Map<string, CachedSource>();
  readonly #slots = new Map<string, Map<string, NamedSlot>>();
  #exceptions: CachedException[] = [];
  #cells = 0;
  #dropped = 0;

  /** An empty cache. */
  constructor(limits: Partial<CacheLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /** All sources that have told something. */
  get sources(): Iterable<CachedSource> {
    return this.#sources.values();
  }

  /** The exceptions, the oldest first. */
  get exceptions(): readonly CachedException[] {
    return this.#exceptions;
  }

  /** Values let go for want of room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** The names of a component's metrics. */
  namesOf(component: string): Iterable<NamedSlot> {
    return this.#slots.get(component)?.values() ?? [];
  }

  /**
   * Takes what came over a connection at `nowMs` of the own clock; how old a report is, is told by the
   * clock of the other side.
   * @throws HeronError `protocol` for what no metrics manager says
   */
  take(
    names: WireNames,
    { names: newNames, sources, sentMs }: ForwardMetrics,
    nowMs: number,
  ): void {
    names.add(newNames);
    for (const source of sources) {
      this.#takeSource(names, source, nowMs - Math.max(0, sentMs - source.timeMs));
    }
  }

  #takeSource(names: WireNames, told: SourceMetrics, atMs: number): void {
    if (told.names.length !== told.values.length || !Number.isFinite(atMs)) {
      throw new HeronError(
        "protocol",
        `Take metrics of "${told.instance}": found ${told.names.length} names and ` +
          `${told.values.length} values at ${told.timeMs}, expected as many of both and a time`,
      );
    }
    const source = this.#sourceOf(names.container, told);
    if (source === undefined) {
      this.#dropped += told.values.length;
      return;
    }
    source.begin(atMs, told.timeMs);
    for (const [index, number] of told.names.entries()) {
      this.#put(source, names.at(number), told.values[index] ?? Number.NaN);
    }
    for (const exception of told.exceptions) this.#takeException(source, exception);
  }

  #sourceOf(container: number, { component, instance }: SourceMetrics): CachedSource | undefined {
    const id = `${component}/${instance}`;
    const known = this.#sources.get(id);
    if (known !== undefined) return known;
    if (this.#sources.size >= this.#limits.sourcesMax) return undefined;
    const source = new CachedSource(component, instance, container);
    this.#sources.set(id, source);
    return source;
  }

  #put(source: CachedSource, name: string, value: number): void {
    const slots = this.#slots.getOrInsertComputed(source.component, () => new Map());
    const named = slots.get(name) ?? this.#newSlot(slots, name);
    const more = named === undefined ? 0 : source.cellsFor(named.slot);
    if (named === undefined || this.#cells + more > this.#limits.cellsMax) {
      this.#dropped++;
      return;
    }
    this.#cells += more;
    source.put(named.slot, value, named.isCount);
  }

  #newSlot(slots: Map<string, NamedSlot>, name: string): NamedSlot | undefined {
    if (slots.size >= this.#limits.namesMax || name.length > NAME_LENGTH_MAX) return undefined;
    const named = { name, slot: slots.size, isCount: aggregationOf(name) === "sum" };
    slots.set(name, named);
    return named;
  }

  /** One that came before from the same place replaces it and is the newest again. */
  #takeException({ component, instance }: CachedSource, told: ExceptionData): void {
    const stacktrace = told.stacktrace.slice(0, STACK_LENGTH_MAX);
    const logging = told.logging.slice(0, STACK_LENGTH_MAX);
    const same = this.#exceptions.find((one) =>
      one.instance === instance && one.exception.stacktrace === stacktrace
    );
    const kept = this.#exceptions.filter((one) => one !== same);
    const count = told.count + (same?.exception.count ?? 0);
    const firsttime = same?.exception.firsttime ?? told.firsttime;
    kept.push({
      component,
      instance,
      exception: { ...told, stacktrace, logging, firsttime, count },
    });
    if (kept.length > this.#limits.exceptionsMax) kept.shift();
    this.#exceptions = kept;
  }
}
