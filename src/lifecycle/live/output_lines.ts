/**
 * The last lines that user code printed, bounded in number and bytes, for a view
 * to show. All of them are in a file beside. Pure.
 */

import { create } from "@bufbuild/protobuf";
import { type Output, OutputSchema, OutputStream } from "../../base/gen/heron_bin/packet_pb.ts";

/** A line of user code. */
export interface OutputLine {
  /** Counts up from 0. */
  readonly number: number;
  readonly component: string;
  readonly componentIndex: number;
  readonly isError: boolean;
  readonly text: string;
}

/** Limits of what is kept. */
export interface OutputLimits {
  /** @default 2000 */
  readonly linesMax: number;
  /** In characters. @default 1048576 */
  readonly charactersMax: number;
}

const DEFAULTS: OutputLimits = Object.freeze({ linesMax: 2000, charactersMax: 1024 * 1024 });

/** The last lines of all components. */
export class OutputLines {
  readonly #limits: OutputLimits;
  #lines: OutputLine[] = [];
  #characters = 0;
  #taken = 0;

  /** None yet. */
  constructor(limits: Partial<OutputLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /** Lines that ever came. */
  get taken(): number {
    return this.#taken;
  }

  /** What is kept, the oldest first. */
  get kept(): readonly OutputLine[] {
    return this.#lines;
  }

  /** Takes lines in; the oldest go. */
  take({ component, componentIndex, stream, lines }: Output): void {
    const isError = stream === OutputStream.STDERR;
    for (const text of lines) {
      this.#lines.push({ number: this.#taken++, component, componentIndex, isError, text });
      this.#characters += text.length;
    }
    let excess = Math.max(0, this.#lines.length - this.#limits.linesMax);
    for (let at = 0; at < this.#lines.length; at++) {
      if (at >= excess && this.#characters <= this.#limits.charactersMax) break;
      // The newest stays, however long it is.
      if (at === this.#lines.length - 1) break;
      this.#characters -= this.#lines[at]?.text.length ?? 0;
      excess = Math.max(excess, at + 1);
    }
    if (excess > 0) this.#lines = this.#lines.slice(excess);
  }

  /** The last `count` lines before line `end`, of one component if it is given; the oldest first. */
  last(
    count: number,
    { end = this.#taken, component }: { readonly end?: number; readonly component?: string },
  ): OutputLine[] {
    const found: OutputLine[] = [];
    for (let at = this.#lines.length - 1; at >= 0 && found.length < count; at--) {
      const one = this.#lines[at];
      if (one === undefined || one.number >= end) continue;
      if (component === undefined || one.component === component) found.push(one);
    }
    return found.reverse();
  }
}

/** The lines as packets again, those of one task that follow each other together. */
export function outputsOf(lines: readonly OutputLine[]): Output[] {
  const outputs: Output[] = [];
  for (const { component, componentIndex, isError, text } of lines) {
    const stream = isError ? OutputStream.STDERR : OutputStream.STDOUT;
    const last = outputs.at(-1);
    const isSame = last?.component === component && last.componentIndex === componentIndex &&
      last.stream === stream;
    if (last !== undefined && isSame) last.lines.push(text);
    else outputs.push(create(OutputSchema, { component, componentIndex, stream, lines: [text] }));
  }
  return outputs;
}
