/**
 * A terminal as a test needs one: keeps what stands on its two screens, for the sequences that the
 * live view uses and no others.
 */

const ESCAPE = "\x1b";
const PIECE = new RegExp(`^${ESCAPE}\\[(\\??)([0-9;]*)([A-Za-z])`);

/** The cells of one screen, and where the cursor is. */
class Screen {
  rows: string[][] = [];
  row = 0;
  column = 0;

  put(character: string, columns: number): void {
    const row = this.rows[this.row] ??= [];
    row[this.column] = character;
    this.column = Math.min(this.column + 1, columns - 1);
  }

  eraseRest(): void {
    this.rows[this.row]?.splice(this.column);
  }
}

/** What a terminal shows. */
export class TerminalScreen {
  readonly #columns: number;
  readonly #main = new Screen();
  readonly #view = new Screen();
  #current = this.#main;
  #rest = "";
  /** Whether the cursor is seen. */
  hasCursor = true;
  /** Sequences that are not known, of which there should be none. */
  readonly strange: string[] = [];

  /** An empty terminal. */
  constructor(columns: number) {
    this.#columns = columns;
  }

  /** Whether the view's own screen is shown. */
  get isView(): boolean {
    return this.#current === this.#view;
  }

  /** What is seen now, a row a line. */
  get text(): string {
    const { rows } = this.#current;
    return Array.from(
      rows,
      (row) => Array.from(row ?? [], (cell) => cell ?? " ").join("").trimEnd(),
    )
      .join("\n");
  }

  /** Takes what a program writes. */
  write(text: string): void {
    let left = this.#rest + text;
    this.#rest = "";
    while (left !== "") {
      if (left[0] !== ESCAPE) {
        const [character = ""] = left;
        this.#plain(character);
        left = left.slice(character.length);
        continue;
      }
      const match = PIECE.exec(left);
      if (match === null) {
        this.#rest = left;
        return;
      }
      const [whole, mark = "", numbers = "", letter = ""] = match;
      this.#sequence(`${mark}${letter}`, numbers);
      left = left.slice(whole.length);
    }
  }

  #plain(character: string): void {
    const screen = this.#current;
    if (character === "\r") screen.column = 0;
    else if (character === "\n") screen.row++;
    else screen.put(character, this.isView ? this.#columns : Number.POSITIVE_INFINITY);
  }

  #sequence(kind: string, numbers: string): void {
    const screen = this.#current;
    const [first = 1, second = 1] = numbers.split(";").map((number) => Number(number || 1));
    if (kind === "H") [screen.row, screen.column] = [first - 1, second - 1];
    else if (kind === "K") screen.eraseRest();
    else if (kind === "J") screen.rows = [];
    else if (kind === "?h" || kind === "?l") this.#mode(numbers, kind === "?h");
    else if (kind !== "m") this.strange.push(`${kind} ${numbers}`);
  }

  #mode(number: string, isOn: boolean): void {
    if (number === "1049") this.#current = isOn ? this.#view : this.#main;
    else if (number === "25") this.hasCursor = isOn;
    else if (number !== "7" && number !== "2026") this.strange.push(`mode ${number}`);
  }
}
