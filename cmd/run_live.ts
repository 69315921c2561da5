/**
 * The live view of `run` on a terminal: asks the topology master for figures once a second, draws, and takes keys.
 * What would have been printed meanwhile is printed when it closes.
 */

import type { Output } from "../src/base/gen/heron_bin/packet_pb.ts";
import { type Clock, HeronError, type Timer } from "../src/base/mod.ts";
import { OutputFile } from "../src/base/output_file.ts";
import * as lifecycle from "../src/lifecycle/mod.ts";
import type { ConsoleView } from "./run_view.ts";
import { type TerminalHandlers, type ViewTerminal, wantsColour } from "./terminal.ts";

/** Options of `LiveView`. */
export interface LiveViewOptions {
  readonly facts: lifecycle.TopologyFacts;
  /** Where what user code prints is kept. @default nowhere: it is kept elsewhere */
  readonly outputFile?: string;
  /** Prints what there is to print before and after. */
  readonly console: Pick<
    ConsoleView,
    "output" | "running" | "note" | "restarted" | "warned" | "report"
  >;
  readonly reader: Pick<lifecycle.MetricsReader, "start" | "ask" | "close">;
  readonly clock: Clock;
  /** The terminal, which is not touched before it is opened. */
  terminal(handlers: TerminalHandlers): ViewTerminal;
}

const POLL_MS = 1000;
/** Between two drawings for other reasons than a key. */
const DRAW_MS = 100;
/** Notes, warnings and restarts that are printed at the end: the last. */
const TEXTS_MAX = 100;

/** A view that lives from `running` to `close`; whatever goes wrong with it, the run goes on. */
export class LiveView implements lifecycle.RunView {
  readonly #options: LiveViewOptions;
  readonly #model: lifecycle.LiveModel;
  readonly #file: OutputFile | undefined;
  readonly #painter: lifecycle.FramePainter;
  readonly #terminal: ViewTerminal;
  readonly #texts: string[] = [];
  #textsLeftOut = 0;
  /** Lines of user code that the console had before. */
  #printed = 0;
  #timer: Timer | undefined;
  #drawing: Timer | undefined;
  #isReading = false;
  #isPolling = false;
  #isOpen = false;
  #closing: Promise<void> | undefined;
  #stop: (() => void) | undefined;
  #fileFault: HeronError | undefined;
  #pollFault = "";

  /** Nothing is shown before `running`. */
  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#model = new lifecycle.LiveModel(options.facts);
    const { outputFile } = options;
    this.#file = outputFile === undefined ? undefined : new OutputFile(outputFile);
    this.#painter = new lifecycle.FramePainter(wantsColour());
    this.#terminal = options.terminal({
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

  async output(output: Output): Promise<boolean> {
    const { console } = this.#options;
    if (this.#closing !== undefined) return console.output(output);
    const isShown = this.#isOpen;
    this.#model.output.take(output);
    if (isShown) this.#drawSoon();
    else this.#printed = this.#model.output.taken;
    await this.#append(lifecycle.formatOutput(output, "prefixed"));
    return isShown || console.output(output);
  }

  /** It runs, and has for `forMs`. */
  running(tasks: number, containers: number, forMs = 0): void {
    const { console, clock } = this.#options;
    console.running(tasks, containers);
    this.#model.running(clock.nowMs() - forMs);
    this.#isOpen = true;
    try {
      this.#terminal.open();
    } catch (thrown) {
      this.#isOpen = false;
      return console.note(`no live view: ${HeronError.from(thrown).message}`);
    }
    void this.#poll();
    this.#timer = clock.every(POLL_MS, () => void this.#poll());
  }

  /** The spouts are asked for tuples, or are not. */
  activated(isActive: boolean): void {
    this.#model.activated(isActive);
    this.#drawSoon();
  }

  /** Not all tasks run, again or still. */
  starting(): void {
    this.#model.starting();
    this.#drawSoon();
  }

  /** The job in which it runs, in words. */
  placed(place: string): void {
    this.#model.placed(place);
    this.#drawSoon();
  }

  draining(): void {
    this.#model.ending();
    this.#drawSoon();
  }

  note(text: string): void {
    if (!this.#isOpen) return this.#options.console.note(text);
    this.#model.note(text);
    this.#keep(`heron-bin: ${text}\n`);
    this.#drawSoon();
  }

  restarted(text: string, object: Readonly<Record<string, unknown>>): void {
    this.#model.crashed(lifecycle.errorRowOf(object, this.#options.clock.wallMs()));
    if (!this.#isOpen) return this.#options.console.restarted(text, object);
    this.#keep(`heron-bin: ${text}`);
    this.#drawSoon();
  }

  warned(text: string, object: Readonly<Record<string, unknown>>): void {
    if (!this.#isOpen) return this.#options.console.warned(text, object);
    this.#model.note(text.trimEnd().split("\n", 1).join());
    this.#keep(`heron-bin: ${text}`);
    this.#drawSoon();
  }

  /** Gives the terminal back and prints what was shown. Idempotent. */
  close(): Promise<void> {
    return this.#closing ??= this.#end();
  }

  async #end(): Promise<void> {
    this.#isOpen = false;
    this.#timer?.cancel();
    this.#drawing?.cancel();
    const { console, reader } = this.#options;
    reader.close();
    this.#terminal.close();
    await this.#file?.close().catch((thrown: unknown) => {
      this.#fileFault ??= HeronError.from(thrown);
    });
    const { kept, taken } = this.#model.output;
    const shown = kept.filter(({ number }) => number >= this.#printed);
    if (taken - this.#printed > shown.length) {
      await console.report(
        `heron-bin: user code printed ${inWords(taken)} lines, ${this.#whereKept}; ` +
          `the last ${inWords(shown.length)}:\n`,
      );
    }
    for (const output of lifecycle.outputsOf(shown)) await console.output(output);
    if (this.#textsLeftOut > 0) {
      await console.report(
        `heron-bin: ${inWords(this.#textsLeftOut)} notes before these left out\n`,
      );
    }
    for (const text of this.#texts) await console.report(text);
  }

  get #whereKept(): string {
    if (this.#fileFault !== undefined) return "which no file has kept whole";
    const { path = "no file", hasLost = false } = this.#file ?? {};
    return `kept in ${path}${hasLost ? ", but for the oldest" : ""}`;
  }

  /** What ends a run is told last. */
  #keep(text: string): void {
    this.#texts.push(text);
    if (this.#texts.length <= TEXTS_MAX) return;
    this.#texts.shift();
    this.#textsLeftOut++;
  }

  async #append(text: string): Promise<void> {
    if (this.#fileFault !== undefined) return;
    try {
      await this.#file?.append(text);
    } catch (thrown) {
      this.#fileFault = HeronError.from(thrown);
      this.note(this.#fileFault.message);
    }
  }

  #press(key: lifecycle.Key): void {
    if (!this.#isOpen) return;
    const before = this.#model.detail;
    const { size } = this.#terminal;
    const wish = this.#model.press(key, { nowMs: this.#options.clock.nowMs(), size });
    if (wish === "stop") this.#stop?.();
    if (wish === "suspend") return this.#terminal.suspend();
    if (wish === "repaint") this.#painter.forget();
    if (!lifecycle.isSameDetail(this.#model.detail, before)) void this.#poll();
    this.#draw();
  }

  async #poll(): Promise<void> {
    // Of the one that is not answered yet at least the age is drawn.
    if (this.#isPolling) return this.#draw();
    this.#isPolling = true;
    try {
      await this.#ask();
      this.#pollFault = "";
    } catch (thrown) {
      const { message } = HeronError.from(thrown);
      if (message !== this.#pollFault) this.note(`no figures: ${message}`);
      this.#pollFault = message;
    } finally {
      this.#isPolling = false;
    }
    this.#draw();
  }

  async #ask(): Promise<void> {
    const { facts, reader, clock } = this.#options;
    if (!this.#isReading) {
      await reader.start();
      this.#isReading = true;
      if (!this.#isOpen) return reader.close();
    }
    const { detail } = this.#model;
    const answers = await Promise.all(
      lifecycle.questionsFor(detail).map((question) => reader.ask(question)),
    );
    const told = answers.filter((answer) => answer !== undefined);
    if (told.length < answers.length) return;
    this.#model.take(lifecycle.figuresOf(facts, told, detail), detail, clock.nowMs());
  }

  #drawSoon(): void {
    this.#drawing ??= this.#options.clock.after(DRAW_MS, () => this.#draw());
  }

  #draw(): void {
    this.#drawing?.cancel();
    this.#drawing = undefined;
    if (!this.#isOpen) return;
    // A slow terminal gets the next one.
    if (this.#terminal.isBehind) return this.#drawSoon();
    const { console, clock } = this.#options;
    try {
      const { size } = this.#terminal;
      const lines = lifecycle.screenOf(this.#model.stateAt(clock.nowMs()), size);
      this.#terminal.paint(this.#painter.paint(lines, size));
    } catch (thrown) {
      const { message } = HeronError.from(thrown);
      void this.close().then(() => console.note(`the live view ended: ${message}`));
    }
  }
}

function inWords(count: number): string {
  return count.toLocaleString("en-US");
}
