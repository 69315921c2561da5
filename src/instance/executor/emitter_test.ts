import { expect, test } from "bun:test";
import { openEmitter } from "../../../tests/support/emitter_bench.ts";

test("Emitter sends to whom each grouping chooses", () => {
  const { emitter, received } = openEmitter();
  const chosen = emitter.emit("default", ["a", 1]);
  expect(emitter.emit("default", ["a", 2])).toEqual(chosen);
  expect(emitter.emit("all", ["b"])).toEqual([5, 6, 7]);
  expect(emitter.emit("global", ["c"])).toEqual([8]);
  expect(emitter.emit("direct", ["d"])).toEqual([]);
  emitter.emitDirect(12, "direct", { values: ["e"] });
  expect(emitter.emit("nobody", ["f"])).toEqual([]);
  emitter.flush();
  const byStream = (stream: number) =>
    received().filter((one) => one.stream === stream).map(({ task }) => task);
  expect(byStream(0)).toEqual([...chosen, ...chosen]);
  expect(byStream(1)).toEqual([5, 6, 7]);
  expect(byStream(2)).toEqual([8]);
  expect(byStream(3)).toEqual([12]);
  expect(emitter.streams.map(({ emitted }) => emitted)).toEqual([2, 1, 1, 1, 0]);
});

test("Emitter flushes by itself when a batch's bytes wait, and keeps each frame small", () => {
  const { emitter, frames } = openEmitter();
  for (let index = 0; index < 1000; index++) emitter.emit("global", ["x".repeat(100)]);
  expect(frames.length).toBeGreaterThanOrEqual(3);
  for (const frame of frames) expect(frame.length).toBeLessThan(2 * 32 * 1024);
});

test("Emitter names component, stream and field of what it cannot send", () => {
  const { emitter, received } = openEmitter();
  expect(() => emitter.emit("default", ["a", () => 1])).toThrow(
    'Emit from "source" to stream "default", field "value"',
  );
  expect(() => emitter.emit("default", ["a"])).toThrow("found 1 values, expected 2 (key, value)");
  expect(() => emitter.emit("none", ["a"])).toThrow("expected one of [default, all, global");
  expect(() => emitter.emitDirect(5, "direct", { values: ["a"] })).toThrow(
    "expected one of [11, 12, 13]",
  );
  emitter.emit("global", ["kept"]);
  emitter.flush();
  expect(received()).toEqual([{ task: 8, stream: 2, bytes: 5 }]);
});

test("Emitter names the field whose value cannot be grouped by", () => {
  const { emitter } = openEmitter();
  expect(emitter.emit("default", [new Uint8Array([1, 2]), 1]))
    .toEqual(emitter.emit("default", [Buffer.from([1, 2]), 2]));
  expect(() => emitter.emit("default", [[1, new Float64Array(2)], 1])).toThrow(
    'Emit from "source" to stream "default", field "key"[1]: an object, expected null, boolean, ' +
      "number, bigint, string, bytes or an array of these to group by",
  );
  expect(() => emitter.emit("default", [undefined, 1])).toThrow('field "key": undefined, expected');
});

test("Emitter refuses to overshoot credit without end where nothing can wait", () => {
  const { emitter } = openEmitter({
    "instance.receive.bytes": 65536,
    "emit.overshoot.bytes": 65536,
  });
  expect(emitter.hasCredit()).toBe(true);
  const flood = () => {
    for (let index = 0; index < 1000; index++) emitter.emit("global", ["x".repeat(1000)]);
  };
  expect(flood).toThrow("emit.overshoot.bytes");
  expect(emitter.hasCredit()).toBe(false);
});

test("Emitter.refuse() has all later emits fail with code emit_after_end, and keeps its counts", () => {
  const { emitter } = openEmitter();
  emitter.emit("global", ["kept"]);
  emitter.refuse();
  for (const stream of ["default", "global", "none"]) {
    expect(() => emitter.emit(stream, ["a", 1])).toThrow(
      expect.objectContaining({ code: "emit_after_end" }),
    );
  }
  expect(emitter.emitted).toBe(1);
});
