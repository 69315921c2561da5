/**
 * The last lines that user code printed, bounded in number and characters, for a view
 * to show: of all components, and some of each. A file beside keeps more. Pure.
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
  /** Of all components. @default 2000 */
  readonly linesMax: number;
  /** In characters. @default 1048576 */
  readonly charactersMax: number;
  /** Of one component, which other components do not drive out. @default 200 */
  readonly componentLinesMax: number;
  /** In characters. @default 65536 */
  readonly componentCharactersMax: number;
}

const DEFAULTS: OutputLimits = Object.freeze({
  linesMax: 2000,
  charactersMax: 1024 * 1024,
  componentLinesMax: 200,
  componentCharactersMax: 64 * 1024,
});

/** What is read of the lines. */
export interface OutputSnapshot {
  /** Lines that ever came. */
  readonly taken: number;
  /** What is kept, the oldest first. */
  readonly kept: readonly OutputLine[];
  /** The last `count` lines but the last `skipped`, of one component if it is given; the oldest first. */
  last(
    count: number,
    of?: { readonly skipped?: number; readonly component?: string },
  ): OutputLine[];
}

/** Lines up to a number and a sum of characters; the oldest go, the newest stays however long it is. */
class BoundedLines {
  readonly #linesMax: number;
  readonly #charactersMax: number;
  #lines: OutputLine[] = [];
  #characters = 0;

  constructor(linesMax: number, charactersMax: number) {
    this.#linesMax = linesMax;
    this.#charactersMax = charactersMax;
  }

  get lines(): readonly OutputLine[] {
    return this.#lines;
  }

  take(lines: readonly OutputLine[]): void {
    const all = [...this.#lines, ...lines];
    for (const { text } of lines) this.#characters += text.length;
    let excess = 0;
    while (
      excess < all.length - 1 &&
      (all.length - excess > this.#linesMax || this.#characters > this.#charactersMax)
    ) this.#characters -= all[excess++]?.text.length ?? 0;
    // Never changed in place: a snapshot holds it too.
    this.#lines = excess === 0 ? all : all.slice(excess);
  }
}

/** The last lines of all components, and of each. */
export class OutputLines implements OutputSnapshot {
  readonly #limits: OutputLimits;
  readonly #all: BoundedLines;
  readonly #byComponent = new Map<string, BoundedLines>();
  #taken = 0;

  /** None yet. */
  constructor(limits: Partial<OutputLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
    this.#all = new BoundedLines(this.#limits.linesMax, this.#limits.charactersMax);
  }

  get taken(): number {
    return this.#taken;
  }

  get kept(): readonly OutputLine[] {
    return this.#all.lines;
  }

  /** Takes lines in; the oldest go. */
  take({ component, componentIndex, stream, lines }: Output): void {
    const isError = stream === OutputStream.STDERR;
    const taken = lines.map((text) => ({
      number: this.#taken++,
      component,
      componentIndex,
      isError,
      text,
    }));
    const { componentLinesMax, componentCharactersMax } = this.#limits;
    this.#all.take(taken);
    this.#byComponent
      .getOrInsertComputed(
        component,
        () => new BoundedLines(componentLinesMax, componentCharactersMax),
      )
      .take(taken);
  }

  last(
    count: number,
    of: { readonly skipped?: number; readonly component?: string } = {},
  ): OutputLine[] {
    return this.snapshot().last(count, of);
  }

  /** What is kept now, which later lines do not change. */
  snapshot(): OutputSnapshot {
    const kept = this.kept;
    const byComponent = new Map([...this.#byComponent].map(([name, { lines }]) => [name, lines]));
    return {
      taken: this.#taken,
      kept,
      last(count, { skipped = 0, component } = {}) {
        const lines = component === undefined ? kept : byComponent.get(component) ?? [];
        const end = Math.max(0, lines.length - skipped);
        return lines.slice(Math.max(0, end - count), end);
      },
    };
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
