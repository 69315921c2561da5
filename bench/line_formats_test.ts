/** What the tasks print is what the runner reads; other lines are left alone. */

import { expect, test } from "bun:test";
import {
  formatCount,
  formatFirst,
  formatLatencies,
  formatTrace,
  parseCount,
  parseFirst,
  parseLatencies,
  parseTrace,
} from "./line_formats.ts";

test("parseCount() reads what formatCount() wrote, fractions of a millisecond too", () => {
  const line = formatCount({ tuples: 12, atMs: 1_700_000_000_000.125 });
  expect(line).toBe("count 12 at 1700000000000.125");
  expect(parseCount(line)).toEqual({ tuples: 12, atMs: 1_700_000_000_000.125 });
});

test("parseFirst() reads what formatFirst() wrote", () => {
  expect(parseFirst(formatFirst(1.5))).toBe(1.5);
});

test("parseLatencies() reads what formatLatencies() wrote, also when nothing came", () => {
  const latencies = { fromMs: 1, toMs: 2.5, buckets: [[3, 4], [500, 1]] } as const;
  expect(parseLatencies(formatLatencies(latencies))).toEqual(latencies);
  const empty = { fromMs: 1, toMs: 2, buckets: [] };
  expect(parseLatencies(formatLatencies(empty))).toEqual(empty);
});

test("parseTrace() reads what formatTrace() wrote", () => {
  const trace = { lifeMs: 1000, tuples: [{ sentMs: 990.5, handledMs: 1001 }] };
  expect(formatTrace(trace)).toBe("trace 1000 -9.5:1");
  expect(parseTrace(formatTrace(trace))).toEqual(trace);
});

test("no parser takes the line of another, or any other line", () => {
  const lines = [
    formatCount({ tuples: 1, atMs: 1 }),
    formatFirst(1),
    formatLatencies({ fromMs: 1, toMs: 2, buckets: [] }),
    formatTrace({ lifeMs: 1, tuples: [] }),
    "count me in",
    "",
  ];
  const parsers = [parseCount, parseFirst, parseLatencies, parseTrace];
  const taken = parsers.map((parse) => lines.map((line) => parse(line) !== undefined));
  expect(taken).toEqual([0, 1, 2, 3].map((own) => lines.map((_, index) => index === own)));
});
