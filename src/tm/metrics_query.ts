/**
 * Answers what is asked of the metrics of a topology: sums and rates
 * by component, container or instance.
 */

import { create } from "@bufbuild/protobuf";
import {
  MetricGrouping,
  MetricGroupSchema,
  type MetricsAnswer,
  MetricsAnswerSchema,
  type MetricsRequest,
} from "../base/gen/heron_bin/packet_pb.ts";
import { EXPORT_INTERVALS_MAX } from "../metrics/mod.ts";
import type { CachedSource } from "./cached_source.ts";
import type { MetricsCache } from "./metrics_cache.ts";

/** Rates are taken over the last so many milliseconds, as far as they are kept. */
const WINDOW_MS = 5000;
const GROUPS_MAX = 1000;
const EXCEPTIONS_MAX = 50;
/** A source that is silent for so many of the longest times between two reports is gone. */
const GONE_REPORTS = 2.5;
const GONE_MS_MIN = 25_000;

interface Cell {
  count: number;
  sum: number;
  perSecond: number;
}

interface Group {
  readonly first: CachedSource;
  sources: number;
  readonly cells: Map<number, Cell>;
}

/** When it is asked, and how often what is told comes. */
export interface AnswerTimes {
  /** Now, in milliseconds of the clock with which the cache was filled. */
  readonly nowMs: number;
  /** Time between two exports of a process, in milliseconds: `metrics.export.interval.ms`. */
  readonly exportMs: number;
}

/** The answer to `request` from what `cache` holds. */
export function answerMetrics(
  cache: MetricsCache,
  request: MetricsRequest,
  { nowMs, exportMs }: AnswerTimes,
): MetricsAnswer {
  // One that does nothing exports now and then alone; after longer its values are not those of now.
  const goneMs = Math.max(GONE_MS_MIN, GONE_REPORTS * EXPORT_INTERVALS_MAX * exportMs);
  const names = new NameTable(cache, request.names);
  const groups = new Map<string, Group>();
  const groupsMax = request.groupsMax || GROUPS_MAX;
  let truncated = false;
  for (const source of cache.sources) {
    if (!isAsked(request.components, source.component)) continue;
    const key = keyOf(source, request.grouping);
    let group = groups.get(key);
    if (group === undefined) {
      if (groups.size >= groupsMax) {
        truncated = true;
        continue;
      }
      group = { first: source, sources: 0, cells: new Map() };
      groups.set(key, group);
    }
    addSource(group, source, { columns: names.of(source.component), goneMs, nowMs });
  }
  return create(MetricsAnswerSchema, {
    names: [...names.all],
    groups: [...groups.values()].map((group) => groupOf(group, request.grouping)),
    exceptions: request.exceptions ? exceptionsOf(cache, request) : [],
    truncated,
  });
}

interface Column {
  readonly slot: number;
  readonly isCount: boolean;
  /** Of the name, in the answer. */
  readonly index: number;
}

interface Window {
  readonly columns: readonly Column[];
  readonly goneMs: number;
  readonly nowMs: number;
}

function addSource(group: Group, source: CachedSource, { columns, goneMs, nowMs }: Window): void {
  const isQuiet = source.isQuiet(nowMs);
  const isGone = nowMs - source.lastMs > goneMs;
  if (!isGone) group.sources++;
  for (const { slot, isCount, index } of columns) {
    const last = source.last(slot);
    if (Number.isNaN(last) || (isGone && !isCount)) continue;
    const cell = group.cells.getOrInsertComputed(index, () => ({ count: 0, sum: 0, perSecond: 0 }));
    const perSecond = isQuiet ? 0 : source.perSecond(slot, WINDOW_MS);
    cell.count++;
    cell.sum += last;
    if (!Number.isNaN(perSecond)) cell.perSecond += perSecond;
  }
}

function groupOf({ first, sources, cells }: Group, grouping: MetricGrouping) {
  const isInstance = grouping === MetricGrouping.INSTANCE;
  const values = [...cells.values()];
  return create(MetricGroupSchema, {
    component: grouping === MetricGrouping.CONTAINER ? "" : first.component,
    instance: isInstance ? first.instance : "",
    container: grouping === MetricGrouping.COMPONENT ? 0 : first.container,
    sources,
    names: [...cells.keys()],
    counts: values.map(({ count }) => count),
    sums: values.map(({ sum }) => sum),
    perSecond: values.map(({ perSecond }) => perSecond),
  });
}

function exceptionsOf(cache: MetricsCache, request: MetricsRequest) {
  return cache.exceptions.filter(({ component }) => isAsked(request.components, component))
    .slice(-EXCEPTIONS_MAX).reverse();
}

function isAsked(asked: readonly string[], found: string): boolean {
  return asked.length === 0 || asked.includes(found);
}

function keyOf({ component, instance, container }: CachedSource, grouping: MetricGrouping): string {
  switch (grouping) {
    case MetricGrouping.COMPONENT:
      return component;
    case MetricGrouping.CONTAINER:
      return String(container);
    case MetricGrouping.INSTANCE:
      return `${component}/${instance}`;
  }
}

/** The names of an answer, and where each component has them. */
class NameTable {
  readonly #cache: MetricsCache;
  readonly #asked: readonly string[];
  readonly #indexes = new Map<string, number>();
  readonly #columns = new Map<string, readonly Column[]>();

  constructor(cache: MetricsCache, asked: readonly string[]) {
    this.#cache = cache;
    this.#asked = asked;
  }

  get all(): Iterable<string> {
    return this.#indexes.keys();
  }

  of(component: string): readonly Column[] {
    return this.#columns.getOrInsertComputed(component, () => this.#find(component));
  }

  #find(component: string): Column[] {
    const columns: Column[] = [];
    for (const { name, slot, isCount } of this.#cache.namesOf(component)) {
      if (this.#asked.length > 0 && !this.#asked.some((one) => matches(name, one))) continue;
      const index = this.#indexes.getOrInsertComputed(name, () => this.#indexes.size);
      columns.push({ slot, isCount, index });
    }
    return columns;
  }
}

function matches(name: string, asked: string): boolean {
  return name.startsWith(asked) && (name.length === asked.length || name[asked.length] === "/");
}
