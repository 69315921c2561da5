/**
 * From one screen to the next: the bytes that change only the lines that differ, in one synchronized
 * update, so that nothing flickers. Pure.
 */

import { cellsOf, cut, type Line, textOf, toAnsi } from "./styled.ts";

/** How large a terminal is, in cells. */
export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** Switches to a screen of its own: nothing of what stood there before is lost. */
export const ENTER_SCREEN = "\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[2J";
/** Undoes `ENTER_SCREEN`, also in the middle of an update. */
export const LEAVE_SCREEN = "\x1b[?2026l\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";

const BEGIN_UPDATE = "\x1b[?2026h";
const END_UPDATE = "\x1b[?2026l";

/** Paints one screen after the other. */
export class FramePainter {
  readonly #hasColour: boolean;
  #painted: string[] = [];
  #size: ScreenSize = { columns: 0, rows: 0 };

  /** Nothing is painted; `hasColour` is false where `NO_COLOR` is set. */
  constructor(hasColour: boolean) {
    this.#hasColour = hasColour;
  }

  /** All is painted anew the next time. */
  forget(): void {
    this.#size = { columns: 0, rows: 0 };
  }

  /** What to write so that the terminal shows `lines`; empty when it does already. */
  paint(lines: readonly Line[], size: ScreenSize): string {
    const isSame = size.columns === this.#size.columns && size.rows === this.#size.rows;
    let out = isSame ? "" : "\x1b[2J";
    if (!isSame) this.#painted = [];
    this.#size = size;
    for (let row = 0; row < size.rows; row++) {
      const line = cut(lines[row] ?? [], size.columns);
      const text = toAnsi(line, this.#hasColour);
      if (text === (this.#painted[row] ?? "")) continue;
      this.#painted[row] = text;
      // Behind a full line the cursor stands on its last cell, which would be erased.
      const rest = cellsOf(textOf(line)) < size.columns ? "\x1b[K" : "";
      out += `\x1b[${row + 1};1H${text}${rest}`;
    }
    return out === "" ? "" : `${BEGIN_UPDATE}${out}${END_UPDATE}`;
  }
}
