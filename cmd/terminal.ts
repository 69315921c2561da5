/**
 * The terminal of a live view: raw keys in, a screen of its own out, and all of it undone whenever the
 * process ends, by whatever end it can see.
 */

import { readFileSync, writeSync } from "node:fs";
import {
  ENTER_SCREEN,
  type Key,
  LEAVE_SCREEN,
  readKeys,
  type ScreenSize,
} from "../src/lifecycle/mod.ts";

/** What is told of a terminal. */
export interface TerminalHandlers {
  key(key: Key): void;
  /** It has another size, or shows something else: all is to be painted anew. */
  changed(): void;
}

/** A terminal as a view needs it. */
export type ViewTerminal = Pick<
  Terminal,
  "size" | "isBehind" | "open" | "close" | "paint" | "suspend"
>;

const STDOUT = 1;
/** `kill`: the process group of the caller. */
const OWN_GROUP = 0;
const SIZE: ScreenSize = Object.freeze({ columns: 80, rows: 24 });

/** Whether there is a terminal on both sides that this process may use, one that knows sequences. */
export function isOnTerminal(): boolean {
  const { stdin, stdout, env } = process;
  return stdin.isTTY === true && stdout.isTTY === true && env["TERM"] !== "dumb" &&
    isInForeground();
}

/** Whether colours are wanted: `NO_COLOR` says no. */
export function wantsColour(): boolean {
  return (process.env["NO_COLOR"] ?? "") === "";
}

/** A job in the background would be stopped by the terminal it touches. */
function isInForeground(): boolean {
  try {
    const stat = readFileSync("/proc/self/stat", "utf8");
    const [, , group, , , terminalGroup] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // Without a controlling terminal nobody stops it.
    return group === terminalGroup || terminalGroup === "-1";
  } catch {
    // No Linux: taken for granted.
    return true;
  }
}

/** The terminal while a view has it. */
export class Terminal {
  readonly #handlers: TerminalHandlers;
  readonly #listeners:
    readonly (readonly [NodeJS.EventEmitter, string, (bytes: Uint8Array) => void])[];
  #isOpen = false;
  #isShown = false;

  /** Nothing is touched before `open`. */
  constructor(handlers: TerminalHandlers) {
    this.#handlers = handlers;
    this.#listeners = [
      [process.stdin, "data", (bytes: Uint8Array) => this.#read(bytes)],
      [process.stdout, "resize", () => this.#handlers.changed()],
      [process, "SIGCONT", () => this.#resume()],
      [process, "SIGTSTP", () => this.#stop()],
      [process, "SIGQUIT", () => this.#quit("SIGQUIT")],
      [process, "exit", () => this.#hide()],
      // What it says of the end is for the screen that stays.
      [process, "uncaughtExceptionMonitor", () => this.#hide()],
    ];
  }

  /** How large it is now. */
  get size(): ScreenSize {
    const { columns = SIZE.columns, rows = SIZE.rows } = process.stdout;
    return { columns, rows };
  }

  /** Whether it has not taken yet what was painted before. */
  get isBehind(): boolean {
    return process.stdout.writableLength > 0;
  }

  /**
   * Takes the terminal.
   * @throws Error when it cannot be taken: it is as it was
   */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    for (const [emitter, event, listener] of this.#listeners) emitter.on(event, listener);
    // Never taken off: that a terminal went away is told late, and must not be uncaught. SIGHUP says it too.
    process.stdin.on("error", () => this.#hide());
    try {
      this.#show();
    } catch (thrown) {
      this.close();
      throw thrown;
    }
  }

  /** Gives it back as it was. Idempotent. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#hide();
    for (const [emitter, event, listener] of this.#listeners) emitter.off(event, listener);
    process.stdin.pause();
    process.stdin.unref();
  }

  /** Paints; nothing while it is given back. */
  paint(text: string): void {
    if (this.#isShown && text !== "") process.stdout.write(text);
  }

  /**
   * Ctrl-Z: gives it back and stops all of the job as the terminal would, wrappers like `npm run` too, until
   * somebody has it go on. The topology runs on in sessions of its own.
   */
  suspend(): void {
    // Before the shell has it: who changes a terminal from the background is stopped in the middle.
    this.#hide();
    process.kill(OWN_GROUP, "SIGTSTP");
  }

  /** The signal of the terminal came; its default, which a listener takes away. */
  #stop(): void {
    this.#hide();
    process.kill(process.pid, "SIGSTOP");
  }

  #resume(): void {
    if (!this.#isOpen || this.#isShown) return;
    try {
      this.#show();
    } catch (thrown) {
      // It went away meanwhile. The run goes on without.
      if (!(thrown instanceof Error)) throw thrown;
    }
  }

  #show(): void {
    process.stdin.setRawMode(true);
    process.stdin.resume();
    this.#isShown = true;
    writeNow(ENTER_SCREEN);
    this.#handlers.changed();
  }

  #hide(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    writeNow(LEAVE_SCREEN);
    try {
      process.stdin.setRawMode(false);
    } catch (thrown) {
      // The terminal itself is gone: there is nothing to give back.
      if (!(thrown instanceof Error)) throw thrown;
    }
  }

  #read(bytes: Uint8Array): void {
    for (const key of readKeys(bytes)) this.#handlers.key(key);
  }

  #quit(signal: "SIGQUIT"): void {
    this.close();
    process.kill(process.pid, signal);
  }
}

/** At once, for a process that may end in the next moment. */
function writeNow(text: string): void {
  try {
    writeSync(STDOUT, text);
  } catch (thrown) {
    // EAGAIN: it takes nothing now; EIO: it is gone. Neither is worth the run.
    if (!(thrown instanceof Error && "code" in thrown)) throw thrown;
  }
}
