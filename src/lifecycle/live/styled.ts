/**
 * Lines of a terminal as pieces with a style each, cut to a width in cells. Colours are few and of the 16
 * that every terminal has, none of them pale on white or dark on black. Pure.
 */

/** How a piece of a line looks. */
export type Style = "plain" | "bold" | "dim" | "good" | "warn" | "bad" | "key" | "chosen";

/** A piece of a line. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** A line, from left to right. */
export type Line = readonly Span[];

const CODES: Readonly<Record<Style, string>> = Object.freeze({
  plain: "",
  bold: "1",
  dim: "2",
  good: "32",
  warn: "35",
  bad: "1;31",
  key: "36",
  chosen: "7",
});

/** The styles that say something without colours. */
const COLOURLESS: ReadonlySet<Style> = new Set<Style>(["bold", "dim", "chosen"]);

/** A piece. */
export function span(text: string, style: Style = "plain"): Span {
  return { text, style };
}

/** A line of one piece. */
export function line(text: string, style: Style = "plain"): Line {
  return [span(text, style)];
}

/** The text of a line without its styles. */
export function textOf(styled: Line): string {
  return styled.map(({ text }) => text).join("");
}

/** `styled` with ANSI sequences; nothing is left switched on. */
export function toAnsi(styled: Line, hasColour: boolean): string {
  let out = "";
  for (const { text, style } of styled) {
    const code = hasColour || COLOURLESS.has(style) ? CODES[style] : "";
    out += code === "" ? text : `\x1b[${code}m${text}\x1b[0m`;
  }
  return out;
}

/** `styled` as far as it fits into `width` cells; one that is cut ends with "…". */
export function cut(styled: Line, width: number): Line {
  const whole = styled.reduce((sum, { text }) => sum + cellsOf(text), 0);
  if (whole <= width) return styled;
  const kept: Span[] = [];
  let left = width - 1;
  for (const { text, style } of styled) {
    const part = cutText(text, left);
    if (part !== "") kept.push({ text: part, style });
    left -= cellsOf(part);
    if (part.length < text.length) break;
  }
  return width < 1 ? [] : [...kept, span("…", "dim")];
}

/** `text` in exactly `width` cells, to the left. */
export function padRight(text: string, width: number): string {
  const fitting = fit(text, width);
  return fitting + " ".repeat(Math.max(0, width - cellsOf(fitting)));
}

/** `text` in exactly `width` cells, to the right. */
export function padLeft(text: string, width: number): string {
  const fitting = fit(text, width);
  return " ".repeat(Math.max(0, width - cellsOf(fitting))) + fitting;
}

/** `text` of a user as it may be shown on one line: no sequences, no control characters. */
export function printable(text: string): string {
  return Bun.stripANSI(text).replace(/\t/g, "    ").replace(/\p{Cc}|\p{Cf}/gu, "");
}

/** How many cells `text` takes. */
export function cellsOf(text: string): number {
  return Bun.stringWidth(text);
}

function fit(text: string, width: number): string {
  return cellsOf(text) <= width
    ? text
    : `${cutText(text, width - 1)}…`.slice(0, Math.max(0, width));
}

function cutText(text: string, width: number): string {
  if (cellsOf(text) <= width) return text;
  let out = "";
  let cells = 0;
  for (const character of text) {
    cells += cellsOf(character);
    if (cells > width) break;
    out += character;
  }
  return out;
}
