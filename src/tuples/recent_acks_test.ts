import { expect, test } from "bun:test";
import { RecentAcks } from "./recent_acks.ts";

test("RecentAcks remembers what was acked for a half to the whole of its span", () => {
  const recent = new RecentAcks(100);
  recent.advance(10);
  recent.add(1);
  recent.note(7);
  recent.advance(60);
  recent.add(1);
  recent.note(5);
  expect([recent.count, recent.worstMs]).toEqual([2, 7]);
  recent.advance(109);
  expect([recent.count, recent.worstMs]).toEqual([2, 7]);
  recent.advance(110);
  expect([recent.count, recent.worstMs]).toEqual([1, 5]);
  recent.advance(160);
  expect([recent.count, recent.worstMs]).toEqual([0, 0]);
});

test("RecentAcks forgets all after a long pause", () => {
  const recent = new RecentAcks(100);
  recent.add(1);
  recent.note(7);
  recent.advance(100);
  expect([recent.count, recent.worstMs]).toEqual([0, 0]);
});

test("RecentAcks forgets latencies, or all, when told to", () => {
  const recent = new RecentAcks(100);
  recent.add(1);
  recent.note(7);
  recent.forgetLatencies();
  expect([recent.count, recent.worstMs]).toEqual([1, 0]);
  recent.clear();
  expect(recent.count).toBe(0);
});
