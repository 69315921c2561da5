import { expect, test } from "bun:test";
import { createPacket, encodePacket } from "../base/wire/mod.ts";
import { cutPublication, type PublicationPart } from "./publication.ts";

const TEXT = "\u20ac".repeat(8192);
const EXCEPTION = { stacktrace: TEXT, logging: TEXT, firsttime: "t", lasttime: "t", count: 1 };

function encodedBytes({ metrics, exceptions }: PublicationPart): number {
  const body = { case: "publishMetrics", value: { metrics, exceptions } } as const;
  return encodePacket(createPacket({ requestId: 2 ** 31, body })).length;
}

test("cutPublication() leaves what fits as one part, with its size from above", () => {
  const metrics = Array.from({ length: 50 }, (_, at) => ({ name: `n${at}`, value: "7" }));
  const { parts, leftOut } = cutPublication({ metrics, exceptions: [EXCEPTION] }, 2 ** 20);
  expect([parts.length, leftOut]).toEqual([1, 0]);
  expect(parts[0]?.exceptions).toEqual([EXCEPTION]);
  const [only] = parts;
  if (only === undefined) throw new Error("No part");
  expect(only.metrics).toEqual(metrics);
  const few = { ...only, exceptions: [] };
  const [told] = cutPublication(few).parts;
  expect(told?.bytes).toBeWithin(encodedBytes(few), encodedBytes(few) + 16);
  expect(cutPublication({ metrics: [], exceptions: [] }).parts).toHaveLength(1);
});

test("cutPublication() cuts what is too long for the shortest packet, and leaves out what never fits", () => {
  const long = { name: "x".repeat(70_000), value: "1" };
  const metrics = Array.from(
    { length: 5000 },
    (_, at) => ({ name: `users-metric-${at}`, value: "7" }),
  );
  const exceptions = Array.from({ length: 64 }, () => EXCEPTION);
  const max = 64 * 1024;
  const { parts, leftOut } = cutPublication({ metrics: [long, ...metrics], exceptions }, max);
  expect(Math.max(...parts.map(encodedBytes))).toBeLessThanOrEqual(max);
  expect(parts.flatMap((part) => part.metrics)).toEqual(metrics);
  expect(parts.flatMap((part) => part.exceptions)).toHaveLength(64);
  expect(leftOut).toBe(1);
});
