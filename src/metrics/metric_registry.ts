/**
 * The metrics of one process by name. Counters and times start again with each
 * export, gauges and totals are read when it is due; a total, which only grows,
 * is exported as what it grew by. Names are Heron's where Heron has one.
 */

import type { Clock } from "../base/mod.ts";
import { Counter } from "./counter.ts";
import { TimeMetric } from "./time_metric.ts";

/** A metric as it is exported: `value` is decimal text. */
export interface MetricValue {
  readonly name: string;
  readonly value: string;
}

/** A metric's name and its number. */
export type NamedValue = readonly [name: string, value: number];

/** A metric's name, a sum since the start, and of how many. */
export type NamedSum = readonly [name: string, sum: number, count: number];

/** The metrics of a process. */
export class MetricRegistry {
  readonly #clock: Clock;
  readonly #counters = new Map<string, Counter>();
  readonly #times = new Map<string, TimeMetric>();
  readonly #gauges: (() => Iterable<NamedValue>)[] = [];
  /** Gauges that are never the same twice, and alone no news. */
  readonly #restless: (() => Iterable<NamedValue>)[] = [];
  readonly #totals: (() => Iterable<NamedValue>)[] = [];
  readonly #exported = new Map<string, number>();
  readonly #means: (() => Iterable<NamedSum>)[] = [];
  readonly #meansOf = new Map<string, NamedSum>();
  /** Of the last collection: all gauges as text, and whether anything was counted. */
  #told = { gauges: "", hasCounted: true };

  /** No metrics; `clock` is for times. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The counter of that name, made when there is none. */
  counter(name: string): Counter {
    return this.#counters.getOrInsertComputed(name, () => new Counter());
  }

  /** The time of that name, made when there is none. */
  time(name: string): TimeMetric {
    return this.#times.getOrInsertComputed(name, () => new TimeMetric(this.#clock));
  }

  /** Exports what `read` returns then. */
  gauge(name: string, read: () => number): void {
    this.#gauges.push(() => [[name, read()]]);
  }

  /** Exports all that `read` returns then; for names that come and go. */
  gauges(read: () => Iterable<NamedValue>): void {
    this.#gauges.push(read);
  }

  /** The same for gauges that change though the process does nothing: its age, its processor time. */
  restlessGauges(read: () => Iterable<NamedValue>): void {
    this.#restless.push(read);
  }

  /** Exports by how much the number that `read` returns has grown; one that shrank counts from 0. */
  total(name: string, read: () => number): void {
    this.#totals.push(() => [[name, read()]]);
  }

  /** The same for all that `read` returns then; a name it no longer returns is forgotten. */
  totals(read: () => Iterable<NamedValue>): void {
    this.#totals.push(read);
  }

  /**
   * The same for totals that grow with each export by itself: they are no news. An export that is left
   * out does not read them.
   */
  restlessTotals(read: () => Iterable<NamedValue>): void {
    const exported = new Map<string, number>();
    this.#restless.push(() =>
      Iterator.from(read()).map(([name, total]) => {
        const grownBy = total - (exported.get(name) ?? 0);
        exported.set(name, total);
        return [name, grownBy] as const;
      })
    );
  }

  /** Exports the mean of what was added to each sum since the last time; nothing for none. */
  means(read: () => Iterable<NamedSum>): void {
    this.#means.push(read);
  }

  /** Exports: all current values, counters starting again. Numbers that are not finite are left out. */
  collect(): MetricValue[] {
    return this.#withRestless(this.#collect().values);
  }

  /**
   * The same, or undefined when there is no news since the last collection: nothing was counted, nor
   * had been just before, and no gauge has changed. Nothing is lost then.
   */
  collectNews(): MetricValue[] | undefined {
    const { values, isNews } = this.#collect();
    return isNews ? this.#withRestless(values) : undefined;
  }

  /** All but means and what is restless. */
  #collect(): { readonly values: MetricValue[]; readonly isNews: boolean } {
    const values = valuesOf(this.#gauges.flatMap((read) => [...read()]));
    const gauges = values.map(({ name, value }) => `${name} ${value}`).join("\n");
    const counts: NamedValue[] = [];
    for (const [name, counter] of this.#counters) counts.push([name, counter.take()]);
    for (const [name, time] of this.#times) counts.push([name, time.take()]);
    counts.push(...this.#growth());
    const hasCounted = counts.some(([, count]) => count !== 0);
    const isNews = hasCounted || this.#told.hasCounted || gauges !== this.#told.gauges;
    this.#told = { gauges, hasCounted };
    return { values: [...values, ...valuesOf(counts)], isNews };
  }

  /** With what is no news by itself: a mean is of what was counted, since the last export. */
  #withRestless(values: readonly MetricValue[]): MetricValue[] {
    const restless = this.#restless.flatMap((read) => [...read()]);
    return [...values, ...valuesOf(this.#newMeans()), ...valuesOf(restless)];
  }

  #newMeans(): NamedValue[] {
    const means: NamedValue[] = [];
    for (const named of this.#means.flatMap((read) => [...read()])) {
      const [name, sum, count] = named;
      const [, sumBefore = 0, countBefore = 0] = this.#meansOf.get(name) ?? [];
      if (count === countBefore) continue;
      this.#meansOf.set(name, named);
      // Who counts less than before has begun anew.
      const isNew = count < countBefore;
      const grownBy = isNew ? sum : sum - sumBefore;
      means.push([name, Math.round(grownBy / (isNew ? count : count - countBefore))]);
    }
    return means;
  }

  #growth(): NamedValue[] {
    const before = new Map(this.#exported);
    const grown: NamedValue[] = [];
    this.#exported.clear();
    for (const read of this.#totals) {
      for (const [name, total] of read()) {
        const last = before.get(name) ?? 0;
        const isKnown = Number.isFinite(total);
        this.#exported.set(name, isKnown ? total : last);
        if (isKnown) grown.push([name, total >= last ? total - last : total]);
      }
    }
    return grown;
  }
}

function valuesOf(named: readonly NamedValue[]): MetricValue[] {
  return named.filter(([, value]) => Number.isFinite(value))
    .map(([name, value]) => ({ name, value: String(value) }));
}
