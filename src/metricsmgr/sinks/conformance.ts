/**
 * What every metrics sink must do, as tests that each member's own test runs.
 * How its output is read back is the member's to say.
 */

import { expect, test } from "bun:test";
import type { MetricRecord } from "../metric_record.ts";
import type { Sink } from "./sink.ts";

/** A record as a sink's output shows it. */
export interface WrittenRecord {
  readonly timestampMs: number;
  readonly source: string;
  readonly metrics: Readonly<Record<string, string>>;
  readonly stackTraces: readonly string[];
}

/** A sink under test. */
export interface SinkBench extends AsyncDisposable {
  readonly sink: Sink;
  /** All records that are flushed, oldest first. */
  read(): Promise<WrittenRecord[]>;
  /** Makes the next writes and flushes fail, or mends it. */
  breakDown(isBroken: boolean): Promise<void>;
}

/** Registers the tests of a sink. */
export function testSink(name: string, open: () => Promise<SinkBench>): void {
  test(`${name}: what was written is there once it is flushed, in order`, async () => {
    await using bench = await open();
    await bench.sink.write([recordAt(1), recordAt(2)]);
    await bench.sink.write([]);
    await bench.sink.write([recordAt(3)]);
    await bench.sink.flush();
    await bench.sink.write([recordAt(4)]);
    await bench.sink.flush();
    expect(await bench.read()).toEqual([1, 2, 3, 4].map(writtenAt));
  });

  test(`${name}: names, values and stack traces come through whatever they hold`, async () => {
    await using bench = await open();
    const odd = ["__proto__", 'quo"te', "new\nline", "", "\u{1F99A}", "toString", "\u0000"];
    const metrics = odd.map((text) => ({ name: text, value: text }));
    await bench.sink.write([{ ...recordAt(1), metrics, exceptions: [exceptionOf('at "x"\n')] }]);
    await bench.sink.flush();
    const [written] = await bench.read();
    expect(new Map(Object.entries(written?.metrics ?? {}))).toEqual(
      new Map(odd.map((text) => [text, text])),
    );
    expect(written?.stackTraces).toEqual(['at "x"\n']);
  });

  test(`${name}: a failure is told, and the next write is a fresh start`, async () => {
    await using bench = await open();
    await bench.breakDown(true);
    await expect(bench.sink.write([recordAt(1)])).rejects.toThrow();
    await bench.breakDown(false);
    await bench.sink.write([recordAt(2)]);
    await bench.sink.flush();
    expect(await bench.read()).toEqual([writtenAt(2)]);
  });

  test(`${name}: it closes, twice as well, and then takes nothing`, async () => {
    await using bench = await open();
    await bench.sink.write([recordAt(1)]);
    await bench.sink.flush();
    await bench.sink.close();
    await bench.sink.close();
    await bench.sink.write([recordAt(2)]);
    await bench.sink.flush();
    expect(await bench.read()).toEqual([writtenAt(1)]);
  });
}

function recordAt(timestampMs: number): MetricRecord {
  const metrics = [{ name: "__emit-count/default", value: String(timestampMs) }];
  return { timestampMs, source: "h:1/word/container_1_word_1", metrics, exceptions: [] };
}

function writtenAt(timestampMs: number): WrittenRecord {
  const metrics = { "__emit-count/default": String(timestampMs) };
  return { timestampMs, source: "h:1/word/container_1_word_1", metrics, stackTraces: [] };
}

function exceptionOf(stacktrace: string) {
  return { stacktrace, firsttime: "1", lasttime: "2", logging: "", count: 1 };
}
