import { expect, test } from "bun:test";
import { KeptFrames } from "./kept_frames.ts";

test("KeptFrames gives copies away, in order and once", () => {
  const kept = new KeptFrames();
  const bytes = Uint8Array.of(9, 1, 2, 3, 4, 9);
  kept.keep(3, { bytes, start: 1, bodyStart: 3, end: 5 });
  bytes.fill(0);
  kept.keep(4, { bytes, start: 0, bodyStart: 1, end: 2 });
  expect(kept.bytes).toBe(6);

  const frames = kept.take();
  expect(frames).toEqual([
    { body: 3, frame: { bytes: Uint8Array.of(1, 2, 3, 4), start: 0, bodyStart: 2, end: 4 } },
    { body: 4, frame: { bytes: Uint8Array.of(0, 0), start: 0, bodyStart: 1, end: 2 } },
  ]);
  expect([kept.bytes, kept.take()]).toEqual([0, []]);
});
