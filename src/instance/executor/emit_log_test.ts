import { expect, test } from "bun:test";
import type { PostedEmit } from "../bridge.ts";
import { EmitLog } from "./emit_log.ts";

function create() {
  const written: { emits: readonly PostedEmit[]; leftOut: number }[] = [];
  const log = new EmitLog((emits, leftOut) => void written.push({ emits, leftOut }));
  return { log, take: () => written.splice(0) };
}

const EMISSION = { stream: "words", values: ["the", 1], messageId: undefined, tasks: [3, 4] };

test("EmitLog hands on stream, text of the values and tasks once a turn", () => {
  const { log, take } = create();
  expect(log.tend(0)).toBeUndefined();
  log.take(EMISSION);
  log.take({ ...EMISSION, values: ["x".repeat(500)] });
  expect(log.tend(10)).toBe(1010);
  const [written] = take();
  expect(written?.emits[0]).toEqual({ stream: "words", values: "[the, 1]", tasks: [3, 4] });
  expect(written?.emits[1]?.values.length).toBeLessThan(210);
  log.tend(20);
  expect(take()).toEqual([]);
});

test("EmitLog counts what is too much for a second, and goes on in the next", () => {
  const { log, take } = create();
  for (let index = 0; index < 10_007; index++) log.take(EMISSION);
  log.tend(0);
  expect(take().map(({ emits }) => emits.length)).toEqual([10_000]);
  log.take(EMISSION);
  log.tend(1000);
  expect(take()).toEqual([{ emits: [], leftOut: 8 }]);
  log.take(EMISSION);
  log.tend(1001);
  expect(take().map(({ emits }) => emits.length)).toEqual([1]);
});

test("EmitLog takes values that have no text: the tuple has left already", () => {
  const { log, take } = create();
  const loop: { own?: unknown } = {};
  loop.own = loop;
  log.take({ ...EMISSION, values: [loop] });
  log.take({ ...EMISSION, values: [{ toJSON: () => undefined }] });
  log.tend(0);
  const [written] = take();
  expect(written?.emits.map(({ values }) => values)).toEqual(
    Array.from({ length: 2 }, () => "values without a text"),
  );
});
