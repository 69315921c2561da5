import { expect, test } from "bun:test";
import { seededRandom } from "../base/mod.ts";
import { LINE_BYTES_MAX, LineSplitter } from "./line_splitter.ts";

const utf8 = new TextEncoder();

function split(...chunks: (string | Uint8Array)[]): string[] {
  const splitter = new LineSplitter();
  const lines = chunks.flatMap((chunk) =>
    splitter.take(typeof chunk === "string" ? utf8.encode(chunk) : chunk)
  );
  return [...lines, ...splitter.end()];
}

test("take() gives lines without their ends, end() the last one", () => {
  expect(split("a\n\nb\r\nc")).toEqual(["a", "", "b\r", "c"]);
  expect(split("a\n")).toEqual(["a"]);
  expect(split("\n")).toEqual([""]);
  expect(split("")).toEqual([]);
  expect(split("a", "b", "\nc", "\n")).toEqual(["ab", "c"]);
});

test("take() gives the same lines wherever the bytes are cut", () => {
  const text = "plain\n\nzwölf ✓ 🎉\n\uFEFFmark\nlast";
  const bytes = utf8.encode(text);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(split(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(text.split("\n"));
  }
  expect(split(...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(text.split("\n"));
});

test("a line that is too long is cut between two characters, and nothing is lost", () => {
  for (const filling of ["x", "ö", "✓", "🎉"]) {
    for (const before of ["", "a", "ab", "abc"]) {
      const line = before + filling.repeat(LINE_BYTES_MAX / 2);
      const pieces = split(`${line}\nnext`);
      expect(pieces.pop()).toBe("next");
      expect(pieces.join("")).toBe(line);
      for (const piece of pieces) {
        expect(utf8.encode(piece).length).toBeLessThanOrEqual(LINE_BYTES_MAX);
      }
      const rest = pieces.pop() ?? "";
      expect(rest.length).toBeGreaterThan(0);
      for (const piece of pieces) {
        expect(utf8.encode(piece).length).toBeGreaterThan(LINE_BYTES_MAX - 4);
      }
    }
  }
});

test("a line of just the limit stays whole", () => {
  expect(split("x".repeat(LINE_BYTES_MAX)).length).toBe(1);
  expect(split("x".repeat(LINE_BYTES_MAX), "\n").length).toBe(1);
  expect(split("x".repeat(LINE_BYTES_MAX), "y\n").map(({ length }) => length)).toEqual([
    LINE_BYTES_MAX,
    1,
  ]);
});

test("what is no UTF-8 is replaced, and its lines are kept apart", () => {
  expect(split(Uint8Array.of(0xff, 0x0a, 0xe2, 0x9c, 0x0a, 0x61))).toEqual([
    "\ufffd",
    "\ufffd",
    "a",
  ]);
  const random = seededRandom(5);
  const bytes = Uint8Array.from({ length: 3 * LINE_BYTES_MAX }, () => 0x80 + random.below(0x40));
  expect(split(bytes).length).toBe(3);
});

test("a line that never ends takes no more memory than the longest line", () => {
  const splitter = new LineSplitter();
  let characters = 0;
  for (let chunk = 0; chunk < 1000; chunk++) {
    for (const piece of splitter.take(utf8.encode("x".repeat(1000)))) characters += piece.length;
    expect(characters).toBeGreaterThan((chunk + 1) * 1000 - LINE_BYTES_MAX - 1);
  }
});
