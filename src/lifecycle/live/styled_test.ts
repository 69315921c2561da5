import { expect, test } from "bun:test";
import {
  cellsOf,
  cut,
  line,
  padLeft,
  padRight,
  printable,
  span,
  textOf,
  toAnsi,
} from "./styled.ts";

test("toAnsi() switches nothing on that it does not switch off, and leaves colours out", () => {
  const styled = [span("a"), span("b", "bold"), span("c", "bad"), span("d", "chosen")];
  expect(toAnsi(styled, true)).toBe("a\x1b[1mb\x1b[0m\x1b[1;31mc\x1b[0m\x1b[7md\x1b[0m");
  expect(toAnsi(styled, false)).toBe("a\x1b[1mb\x1b[0mc\x1b[7md\x1b[0m");
});

test("cut() keeps a line within its width, wide characters whole", () => {
  expect(textOf(cut([span("abc"), span("def", "bold")], 6))).toBe("abcdef");
  expect(textOf(cut([span("abc"), span("def", "bold")], 5))).toBe("abcd…");
  expect(textOf(cut(line("日本語"), 4))).toBe("日…");
  expect(cut(line("abc"), 0)).toEqual([]);
});

test("padLeft() and padRight() fill cells", () => {
  expect([padLeft("7", 3), padRight("7", 3), padLeft("12345", 3)]).toEqual(["  7", "7  ", "12…"]);
  expect(padRight("日", 4)).toBe("日  ");
});

test("printable() lets no sequence and no control character of a user through", () => {
  const text = printable("\x1b[31mred\x1b[0m\tx\x07\x1b]0;title\x07\r\u202e!");
  expect(text).toBe("red    x!");
  expect(cellsOf(text)).toBe(9);
});
