/** The stuck watch: speaks after half of the time, repeats, begins anew after progress, withdraws. */

import { expect, test } from "bun:test";
import { decodePacket } from "../../base/wire/mod.ts";
import type { Emitter } from "./emitter.ts";
import { StuckWatch } from "./stuck_watch.ts";

/** A watch over an emitter of which only the blocked channels matter. */
function createWatch() {
  const told: number[][] = [];
  const blocked = { mark: "a", waitsFor: [4, 5] };
  const emitter = { blockedMark: () => blocked.mark, waitsFor: () => blocked.waitsFor };
  const watch = new StuckWatch({
    taskId: 3,
    stallMs: 8_000,
    // The watch asks an emitter for these two only.
    emitter: emitter as unknown as Emitter,
    sink: {
      write: (bytes, start, end) => {
        const { body } = decodePacket(bytes, start + 1, end);
        if (body.case === "taskStuck") told.push([body.value.task, ...body.value.waitsFor]);
      },
    },
  });
  return { watch, told, blocked };
}

test("stuck() tells after half of the time, then each eighth", () => {
  const { watch, told } = createWatch();
  expect(watch.stuck(100)).toBe(4_100);
  expect(watch.stuck(4_099)).toBe(4_100);
  expect(told).toEqual([]);
  expect(watch.stuck(4_100)).toBe(5_100);
  expect(watch.stuck(5_100)).toBe(6_100);
  expect(told).toEqual([[3, 4, 5], [3, 4, 5]]);
});

test("stuck() begins anew, and withdraws what it told, when a grant or tuple came between", () => {
  const { watch, told, blocked } = createWatch();
  watch.stuck(0);
  watch.stuck(4_000);
  blocked.mark = "b";
  expect(watch.stuck(4_500)).toBe(8_500);
  expect(told).toEqual([[3, 4, 5], [3]]);
});

test("free() withdraws once, and only what was told", () => {
  const { watch, told } = createWatch();
  watch.free();
  watch.stuck(0);
  watch.free();
  watch.stuck(10);
  watch.stuck(4_010);
  watch.free();
  watch.free();
  expect(told).toEqual([[3, 4, 5], [3]]);
});
