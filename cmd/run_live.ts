/**
 * The live view of `run` on a terminal: asks the topology master for figures once a second, draws, and takes keys.
 * What would have been printed meanwhile is printed when it closes.
 */

import type { Output } from "../src/base/gen/heron_bin/packet_pb.ts";
import { type Clock, HeronError, type Timer } from "../src/base/mod.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import type { ConsoleView } from "./run_view.ts";
import { Terminal, wantsColour } from "./terminal.ts";

/** Options of `LiveView`. */
export interface LiveViewOptions {
  readonly facts: lifecycle.TopologyFacts;
  /** Where all that user code prints is kept. */
  readonly outputFile: string;
  /** Prints what there is to print before and after. */
  readonly console: ConsoleView;
  readonly reader: lifecycle.MetricsReader;
  readonly clock: Clock;
}

const POLL_MS = 1000;
/** Between two drawings for other reasons than a key. */
const DRAW_MS = 100;
const TEXTS_MAX = 100;

/** A view that lives from `running` to `close`. */
export class LiveView implements lifecycle.RunView {
  readonly #options: LiveViewOptions;
  readonly #model: lifecycle.LiveModel;
  readonly #file: lifecycle.OutputFile;
  readonly #painter: lifecycle.FramePainter;
  readonly #terminal: Terminal;
  readonly #texts: string[] = [];
  #textsLeftOut = 0;
  #timer: Timer | undefined;
  #drawing: Timer | undefined;
  #isPolling = false;
  #isClosed = false;
  #stop: (() => void) | undefined;
  #fileFault: HeronError | undefined;

  /** Nothing is shown before `running`. */
  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#model = new lifecycle.LiveModel(options.facts);
    this.#file = new lifecycle.OutputFile(options.outputFile);
    this.#painter = new lifecycle.FramePainter(wantsColour());
    this.#terminal = new Terminal({
      key: (key) => this.#press(key),
      changed: () => {
        this.#painter.forget();
        this.#draw();
      },
    });
  }

  /** `stop` is called for the keys that do what Ctrl-C does. */
  onStop(stop: () => void): void {
    this.#stop = stop;
  }

  /** The run was asked to end. */
  ending(): void {
    this.#model.ending();
    this.#drawSoon();
  }

  async output(output: Output): Promise<boolean> {
    if (this.#isClosed) return this.#options.console.output(output);
    this.#model.output.take(output);
    this.#drawSoon();
    if (this.#fileFault === undefined) {
      try {
        await this.#file.append(lifecycle.formatOutput(output, "prefixed"));
      } catch (thrown) {
        this.#fileFault = HeronError.from(thrown);
        this.note(this.#fileFault.message);
      }
    }
    return true;
  }

  running(tasks: number, containers: number): void {
    const { console, clock, reader } = this.#options;
    console.running(tasks, containers);
    this.#model.running(clock.nowMs());
    this.#terminal.open();
    void reader.start();
    this.#timer = clock.every(POLL_MS, () => void this.#poll());
  }

  note(text: string): void {
    if (this.#isClosed) return this.#options.console.note(text);
    this.#model.note(text);
    this.#keep(`heron-bin: ${text}\n`);
    this.#drawSoon();
  }

  restarted(text: string, object: Readonly<Record<string, unknown>>): void {
    if (this.#isClosed) return this.#options.console.restarted(text, object);
    this.#model.crashed(lifecycle.errorRowOf(object));
    this.#keep(`heron-bin: ${text}`);
    this.#drawSoon();
  }

  warned(text: string, object: Readonly<Record<string, unknown>>): void {
    if (this.#isClosed) return this.#options.console.warned(text, object);
    this.#model.note(text.trimEnd().split("\n", 1).join());
    this.#keep(`heron-bin: ${text}`);
    this.#drawSoon();
  }

  /** Gives the terminal back and prints what was shown. Idempotent. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#drawing?.cancel();
    this.#options.reader.close();
    this.#terminal.close();
    await this.#file.close();
    const { console } = this.#options;
    const { kept, taken } = this.#model.output;
    if (taken > kept.length) {
      const lost = this.#file.hasLost ? ", but for the oldest" : "";
      await console.report(
        `heron-bin: user code printed ${taken.toLocaleString("en-US")} lines, kept in ` +
          `${this.#file.path}${lost}; the last ${kept.length.toLocaleString("en-US")}:\n`,
      );
    }
    for (const output of lifecycle.outputsOf(kept)) await console.output(output);
    for (const text of this.#texts) await console.report(text);
    if (this.#textsLeftOut > 0) console.note(`and ${this.#textsLeftOut} more lines like these`);
  }

  #keep(text: string): void {
    if (this.#texts.length < TEXTS_MAX) this.#texts.push(text);
    else this.#textsLeftOut++;
  }

  #press(key: lifecycle.Key): void {
    const before = this.#model.detail;
    const { columns } = this.#terminal.size;
    const wish = this.#model.press(key, { nowMs: this.#options.clock.nowMs(), columns });
    if (wish === "stop") this.#stop?.();
    if (wish === "suspend") return this.#terminal.suspend();
    if (wish === "repaint") this.#painter.forget();
    if (JSON.stringify(this.#model.detail) !== JSON.stringify(before)) void this.#poll();
    this.#draw();
  }

  async #poll(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    const { facts, reader } = this.#options;
    const { detail } = this.#model;
    try {
      const answers = await Promise.all(
        lifecycle.questionsFor(detail).map((question) => reader.ask(question)),
      );
      const told = answers.filter((answer) => answer !== undefined);
      if (told.length === answers.length) {
        this.#model.take(lifecycle.figuresOf(facts, told, detail), detail);
      }
    } finally {
      this.#isPolling = false;
    }
    this.#draw();
  }

  #drawSoon(): void {
    this.#drawing ??= this.#options.clock.after(DRAW_MS, () => this.#draw());
  }

  #draw(): void {
    this.#drawing?.cancel();
    this.#drawing = undefined;
    if (this.#isClosed) return;
    // A slow terminal gets the next one.
    if (this.#terminal.isBehind) return this.#drawSoon();
    const { size } = this.#terminal;
    const lines = lifecycle.screenOf(this.#model.stateAt(this.#options.clock.nowMs()), size);
    this.#terminal.paint(this.#painter.paint(lines, size));
  }
}
