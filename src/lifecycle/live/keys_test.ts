import { expect, test } from "bun:test";
import { readKeys } from "./keys.ts";

function keysOf(text: string): string[] {
  return readKeys(new TextEncoder().encode(text));
}

test("readKeys() knows letters, controls and sequences, also several in one read", () => {
  expect(keysOf("qS é")).toEqual(["q", "S", " ", "é"]);
  expect(keysOf("\x03\x0c\x1a\r\n\x7f\x08")).toEqual(
    ["ctrl_c", "ctrl_l", "ctrl_z", "enter", "enter", "backspace", "backspace"],
  );
  expect(keysOf("\x1b[A\x1bOB\x1b[5~\x1b[6~\x1b[H\x1b[F\x1b[C\x1b[D")).toEqual(
    ["up", "down", "page_up", "page_down", "home", "end", "right", "left"],
  );
  expect(keysOf("\x1b")).toEqual(["escape"]);
});

test("readKeys() leaves out what no key is known for", () => {
  expect(keysOf("\x1b[1;5A\x1b[200~\x01\x1b[A")).toEqual(["up"]);
});
