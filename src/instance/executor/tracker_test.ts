import { expect, test } from "bun:test";
import type { Emitter } from "./emitter.ts";
import { SpoutPause } from "./spout_pause.ts";
import { ImmediateTracker } from "./tracker.ts";

test("ImmediateTracker acks what was emitted with a message id, in order, and nothing else", () => {
  const emitted: string[] = [];
  const told: string[] = [];
  const emitter: Pick<Emitter, "emit" | "emitDirect"> = {
    emit: (stream) => {
      emitted.push(stream);
      return [4];
    },
    emitDirect: (task, stream) => {
      emitted.push(`${stream} to ${task}`);
      return [4, task];
    },
  };
  // Only these two are called.
  const tracker = new ImmediateTracker(
    emitter as Emitter,
    new SpoutPause(),
    (stream) => void told.push(stream),
  );
  expect(tracker.emit("a", [], "x")).toEqual([4]);
  tracker.emit("a", [], undefined);
  tracker.emit("a", [], null);
  expect(tracker.emitDirect(9, { stream: "b", values: [], messageId: 0 })).toEqual([4, 9]);
  expect(emitted).toEqual(["a", "a", "a", "b to 9"]);
  expect(told).toEqual(["a", "b"]);
  expect([tracker.openCount, tracker.hasNews, tracker.mayCall()]).toEqual([2, true, true]);
  expect(tracker.next()).toEqual({ messageId: "x", failure: undefined });
  expect(tracker.next()).toEqual({ messageId: 0, failure: undefined });
  expect(tracker.next()).toBeUndefined();
  expect([tracker.openCount, tracker.hasNews]).toEqual([0, false]);
});

test("ImmediateTracker lets a paused spout hear of what is done, and emit nothing", () => {
  const pause = new SpoutPause();
  const emitter: Pick<Emitter, "emit"> = { emit: () => [4] };
  // Only this one is called.
  const tracker = new ImmediateTracker(emitter as Emitter, pause, () => {});
  tracker.emit("a", [], "x");
  pause.isPaused = true;
  expect(tracker.mayCall()).toBe(false);
  expect(tracker.next()).toEqual({ messageId: "x", failure: undefined });
  pause.isPaused = false;
  expect(tracker.mayCall()).toBe(true);
});
