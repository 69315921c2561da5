import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { OutputSchema, OutputStream } from "../../base/gen/heron_bin/packet_pb.ts";
import { type OutputLimits, OutputLines, outputsOf } from "./output_lines.ts";

function linesOf(limits: Partial<OutputLimits> = {}) {
  const output = new OutputLines(limits);
  const print = (component: string, lines: string[], stream = OutputStream.STDOUT) =>
    output.take(create(OutputSchema, { component, componentIndex: 1, stream, lines }));
  return { output, print };
}

test("OutputLines keeps the last lines, and counts all", () => {
  const { output, print } = linesOf({ linesMax: 3 });
  print("a", ["1", "2"]);
  print("b", ["3", "4"]);
  expect(output.kept.map(({ text }) => text)).toEqual(["2", "3", "4"]);
  expect(output.taken).toBe(4);
});

test("OutputLines is bounded in characters, but keeps the newest line", () => {
  const { output, print } = linesOf({ charactersMax: 10 });
  print("a", ["1234", "5678", "90", "x"]);
  expect(output.kept.map(({ text }) => text)).toEqual(["5678", "90", "x"]);
  print("a", ["y".repeat(20)]);
  expect(output.kept).toHaveLength(1);
});

test("last() gives those before the newest, of one component if asked", () => {
  const { output, print } = linesOf();
  print("a", ["1", "2"]);
  print("b", ["3"]);
  print("a", ["4"]);
  const texts = (...given: Parameters<OutputLines["last"]>) =>
    output.last(...given).map(({ text }) => text);
  expect(texts(2)).toEqual(["3", "4"]);
  expect(texts(2, { component: "a" })).toEqual(["2", "4"]);
  expect(texts(9, { skipped: 2 })).toEqual(["1", "2"]);
  expect(texts(9, { skipped: 9 })).toEqual([]);
});

test("last() has lines of a quiet component, however much others print", () => {
  const { output, print } = linesOf({ linesMax: 3, componentLinesMax: 2 });
  print("quiet", ["1", "2", "3"]);
  for (let line = 0; line < 10; line++) print("chatty", [`${line}`]);
  expect(output.kept.map(({ component }) => component)).toEqual(["chatty", "chatty", "chatty"]);
  const texts = (component: string) => output.last(9, { component }).map(({ text }) => text);
  expect(texts("quiet")).toEqual(["2", "3"]);
  expect(texts("chatty")).toEqual(["8", "9"]);
  expect(texts("none")).toEqual([]);
});

test("snapshot() stays as it is when all its lines have gone", () => {
  const { output, print } = linesOf({ linesMax: 2, componentLinesMax: 2 });
  print("a", ["1", "2"]);
  const snapshot = output.snapshot();
  print("a", ["3", "4", "5"]);
  expect(snapshot).toMatchObject({ taken: 2, kept: [{ text: "1" }, { text: "2" }] });
  expect(snapshot.last(1, { component: "a" })).toMatchObject([{ text: "2" }]);
  expect(output.taken).toBe(5);
});

test("outputsOf() puts lines of one task and stream together again", () => {
  const { output, print } = linesOf();
  print("a", ["1"]);
  print("a", ["2"]);
  print("a", ["3"], OutputStream.STDERR);
  print("b", ["4"]);
  expect(outputsOf(output.kept)).toMatchObject([
    { component: "a", componentIndex: 1, stream: OutputStream.STDOUT, lines: ["1", "2"] },
    { component: "a", stream: OutputStream.STDERR, lines: ["3"] },
    { component: "b", lines: ["4"] },
  ]);
});
