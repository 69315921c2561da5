/**
 * In which line of a YAML text each key stands, and which are there twice: the parser tells neither.
 * Keys in braces are passed over. Reads only what the parser took for YAML; what it means is not
 * asked here.
 */

/** A key of a mapping that is written a line a key. */
export interface KeyLine {
  /** The keys that lead to it and itself, divided by dots. */
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
}

/** What was found. */
export interface KeyLines {
  /** The line of each path; of one that is there twice the last, whose value counts. */
  readonly lines: ReadonlyMap<string, number>;
  /** Keys that were there already in the same mapping. */
  readonly repeated: readonly KeyLine[];
}

interface Mapping {
  readonly column: number;
  readonly prefix: string;
  readonly keys: Set<string>;
  last: string;
}

const KEY =
  /^(\s*)((?:-\s+)*)("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#&*!|>%@`,[\]{}-][^#]*?|-[^\s:][^#]*?)\s*:(?:\s+(.*)|)$/;
const ITEM = /^(\s*)-(?:\s+(.*)|)$/;
const BLOCK_TEXT = /^(?:[&!]\S*\s+)*[|>][0-9+-]*\s*(?:#.*)?$/;

/** Finds the keys of `text`. */
export function keyLinesOf(text: string): KeyLines {
  const scan = new KeyScan();
  for (const [index, line] of text.replace(/^\uFEFF/, "").split(/\r?\n/).entries()) {
    scan.take(line, index + 1);
  }
  return scan;
}

class KeyScan implements KeyLines {
  readonly lines = new Map<string, number>();
  readonly repeated: KeyLine[] = [];
  #open: Mapping[] = [];
  /** Lines that are deeper belong to a text. */
  #textColumn: number | undefined;
  /** What is open of a value over several lines: a quote, or brackets. */
  #rest = { quote: "", depth: 0 };

  take(line: string, number: number): void {
    if (this.#rest.quote !== "" || this.#rest.depth > 0) return this.#read(line);
    const column = line.search(/\S/);
    if (column < 0) return;
    if (this.#textColumn !== undefined && column > this.#textColumn) return;
    this.#textColumn = undefined;
    if (line.startsWith("#", column)) return;
    if (/^(---|\.\.\.)(\s|$)/.test(line)) {
      this.#open = [];
      return;
    }
    const [, indent = "", dashes = "", key, value = ""] = KEY.exec(line) ?? [];
    if (key === undefined) return this.#takeItem(line);
    // Another item of a list has a mapping of its own.
    if (dashes !== "") this.#closeFrom(indent.length + 1);
    this.#takeKey(plainKey(key), indent.length + dashes.length, number);
    this.#takeValue(value, indent.length + dashes.length);
  }

  #takeItem(line: string): void {
    const [, indent = "", value = line.trim()] = ITEM.exec(line) ?? [];
    this.#takeValue(value, indent.length);
  }

  #takeKey(key: string, column: number, line: number): void {
    this.#closeFrom(column + 1);
    const outer = this.#open.at(-1);
    const isSame = outer?.column === column;
    const prefix = outer === undefined ? "" : `${outer.last}.`;
    const mapping: Mapping = isSame ? outer : { column, prefix, keys: new Set(), last: "" };
    if (!isSame) this.#open.push(mapping);
    const path = `${mapping.prefix}${key}`;
    mapping.last = path;
    if (mapping.keys.has(key)) this.repeated.push({ path, line });
    mapping.keys.add(key);
    this.lines.set(path, line);
  }

  #takeValue(value: string, column: number): void {
    if (BLOCK_TEXT.test(value)) this.#textColumn = column;
    else if (/^["'[{]/.test(value)) this.#read(value);
  }

  /** Closes the mappings that begin at `column` or behind it. */
  #closeFrom(column: number): void {
    while ((this.#open.at(-1)?.column ?? -1) >= column) this.#open.pop();
  }

  /** Goes through quotes and brackets. */
  #read(text: string): void {
    let { quote, depth } = this.#rest;
    for (let at = 0; at < text.length; at++) {
      const letter = text.charAt(at);
      if (quote !== "") {
        const isEscaped = quote === '"' ? letter === "\\" : text.startsWith("''", at);
        if (isEscaped) at++;
        else if (letter === quote) quote = "";
      } else if (letter === "#" && (at === 0 || /\s/.test(text.charAt(at - 1)))) break;
      else if (letter === '"' || letter === "'") {
        quote = /[\s,[{:]|^$/.test(text.charAt(at - 1)) ? letter : "";
      } else if (letter === "[" || letter === "{") depth++;
      else if (letter === "]" || letter === "}") depth--;
    }
    this.#rest = { quote, depth };
  }
}

function plainKey(key: string): string {
  const isQuoted = /^["']/.test(key);
  return isQuoted ? key.slice(1, -1).replaceAll("''", "'") : key;
}
