import { expect, test } from "bun:test";
import { FramePainter } from "./frame_painter.ts";
import { line } from "./styled.ts";

const SIZE = { columns: 5, rows: 2 };

test("paint() writes the lines that differ alone, in one synchronized update", () => {
  const painter = new FramePainter(true);
  expect(painter.paint([line("one"), line("two")], SIZE)).toBe(
    "\x1b[?2026h\x1b[2J\x1b[1;1Hone\x1b[K\x1b[2;1Htwo\x1b[K\x1b[?2026l",
  );
  expect(painter.paint([line("one"), line("two")], SIZE)).toBe("");
  expect(painter.paint([line("one"), line("2")], SIZE)).toBe(
    "\x1b[?2026h\x1b[2;1H2\x1b[K\x1b[?2026l",
  );
  expect(painter.paint([line("one")], SIZE)).toBe("\x1b[?2026h\x1b[2;1H\x1b[K\x1b[?2026l");
});

test("paint() does not erase the last cell of a full line, and cuts a longer one", () => {
  const painter = new FramePainter(true);
  painter.paint([], SIZE);
  expect(painter.paint([line("12345"), line("123456")], SIZE)).toBe(
    "\x1b[?2026h\x1b[1;1H12345\x1b[2;1H1234\x1b[2m…\x1b[0m\x1b[?2026l",
  );
});

test("paint() begins anew on another size and after forget()", () => {
  const painter = new FramePainter(false);
  painter.paint([line("a")], SIZE);
  expect(painter.paint([line("a")], { columns: 6, rows: 2 })).toContain("\x1b[2J\x1b[1;1Ha");
  painter.forget();
  expect(painter.paint([line("a")], { columns: 6, rows: 2 })).toContain("\x1b[2J\x1b[1;1Ha");
});
