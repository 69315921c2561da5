/** What keys a terminal in raw mode sends, from its bytes. Pure. */

/** A key: a letter or sign as it is, or one of these. */
export type Key =
  | "up"
  | "down"
  | "left"
  | "right"
  | "page_up"
  | "page_down"
  | "home"
  | "end"
  | "enter"
  | "escape"
  | "backspace"
  | "ctrl_c"
  | "ctrl_l"
  | "ctrl_z"
  | (string & Record<never, never>);

const SEQUENCES: ReadonlyMap<string, Key> = new Map([
  ["[A", "up"],
  ["[B", "down"],
  ["[C", "right"],
  ["[D", "left"],
  ["OA", "up"],
  ["OB", "down"],
  ["OC", "right"],
  ["OD", "left"],
  ["[5~", "page_up"],
  ["[6~", "page_down"],
  ["[H", "home"],
  ["[F", "end"],
  ["[1~", "home"],
  ["[4~", "end"],
  ["OH", "home"],
  ["OF", "end"],
]);

const CONTROLS: ReadonlyMap<string, Key> = new Map([
  ["\x03", "ctrl_c"],
  ["\x08", "backspace"],
  ["\x0c", "ctrl_l"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\x1a", "ctrl_z"],
  ["\x7f", "backspace"],
]);

const ESCAPE = "\x1b";
// A CSI sequence, an SS3 sequence, or one character.
const PIECE = new RegExp(`${ESCAPE}\\[[0-?]*[ -/]*[@-~]|${ESCAPE}O.|${ESCAPE}|[^]`, "gu");

/** The keys that `bytes`, one read of the terminal, hold; what no key is known for is left out. */
export function readKeys(bytes: Uint8Array): Key[] {
  const keys: Key[] = [];
  for (const [piece] of new TextDecoder().decode(bytes).matchAll(PIECE)) {
    const key = keyOf(piece);
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

function keyOf(piece: string): Key | undefined {
  if (piece === ESCAPE) return "escape";
  if (piece.startsWith(ESCAPE)) return SEQUENCES.get(piece.slice(1));
  const control = CONTROLS.get(piece);
  if (control !== undefined) return control;
  return /\p{Cc}/u.test(piece) ? undefined : piece;
}
