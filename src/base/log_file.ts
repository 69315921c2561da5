/**
 * The log file of a process, on LogTape: one JSON line an entry, written at
 * once, so a crash loses none; at its size limit the file becomes `<path>.1`
 * and a new one begins. Needs node:fs, so the door of base does not name it.
 */

import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import {
  configureSync,
  getConfig,
  getLogger,
  type Logger as LogTapeLogger,
  type LogRecord,
  resetSync,
} from "@logtape/logtape";
import { systemClock } from "./clock.ts";
import { HeronError } from "./errors.ts";
import type { LogFields, Logger } from "./logger.ts";

/** The least serious entries that are kept. */
export type LogLevel = "debug" | "info" | "warn" | "error" | "fatal";

/** Where and what to log. */
export interface LogFileOptions {
  /** The file; it is created with mode 0600, or appended to. */
  readonly path: string;
  /** Who writes: `tm`, `stmgr-1`; a field of each line. */
  readonly role: string;
  /** The least serious level that is kept. @default "info" */
  readonly level?: LogLevel;
  /** At this size in bytes the file is rotated, so two files hold twice as much at most. @default 16 MiB */
  readonly fileBytesMax?: number;
}

/** An open log file. */
export interface LogFile {
  readonly logger: Logger;
  /** Closes the file; later entries are dropped. */
  close(): Promise<void>;
}

/**
 * Opens the log file of this process (of each thread there can be one).
 *
 * @throws {HeronError} of the system error's code when the file cannot be opened.
 * @throws {TypeError} when this thread has one already.
 */
export function openLogFile(options: LogFileOptions): Promise<LogFile> {
  return Promise.try(() => {
    if (getConfig() !== null) throw new TypeError(`Open log "${options.path}": one is open`);
    const file = new RotatingFile(options.path, options.fileBytesMax ?? 16 * 1024 * 1024);
    configure(file, options.level ?? "info");
    return {
      logger: wrap(getLogger(["heron-bin"]).with({ role: options.role })),
      close() {
        resetSync();
        file.close();
        return Promise.resolve();
      },
    };
  });
}

function configure(file: RotatingFile, level: LogLevel): void {
  configureSync({
    sinks: { file: (record) => file.append(lineOf(record)) },
    loggers: [
      { category: [], sinks: ["file"], lowestLevel: level === "warn" ? "warning" : level },
      { category: ["logtape", "meta"], lowestLevel: null, parentSinks: "override" },
    ],
  });
}

function wrap(logger: LogTapeLogger): Logger {
  return Object.freeze({
    debug: (event: string, fields?: LogFields) => logger.debug(event, { ...fields }),
    info: (event: string, fields?: LogFields) => logger.info(event, { ...fields }),
    warn: (event: string, fields?: LogFields) => logger.warn(event, { ...fields }),
    error: (event: string, fields?: LogFields) => logger.error(event, { ...fields }),
    fatal: (event: string, fields?: LogFields) => logger.fatal(event, { ...fields }),
    child: (fields: LogFields) => wrap(logger.with({ ...fields })),
  });
}

function lineOf(record: LogRecord): string {
  const head = {
    time: new Date(record.timestamp).toISOString(),
    level: record.level === "warning" ? "warn" : record.level,
    event: String(record.rawMessage),
  };
  // The head stands first and wins over fields of the same name.
  const entry = { ...head, ...record.properties, ...head };
  try {
    return JSON.stringify(entry, readable) + "\n";
  } catch (thrown) {
    // A cycle, or a toJSON that throws: a log line may not break its caller.
    return JSON.stringify({ ...head, unprintable: String(thrown) }) + "\n";
  }
}

/** What JSON would refuse or lose, in a form that can be read. */
function readable(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return value.toHex();
  if (value instanceof Map || value instanceof Set) return [...value];
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { name, message, ...(value instanceof HeronError && { code: value.code }), stack, cause };
}

class RotatingFile {
  readonly #path: string;
  readonly #bytesMax: number;
  #descriptor: number;
  #bytes: number;
  #linesLost = 0;
  #closed = false;

  constructor(path: string, bytesMax: number) {
    this.#path = path;
    this.#bytesMax = bytesMax;
    this.#descriptor = openToAppend(path);
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  append(line: string): void {
    if (this.#closed) return;
    try {
      const bytes = Buffer.from(this.#noteOfLostLines() + line);
      if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) this.#rotate();
      writeSync(this.#descriptor, bytes);
      this.#bytes += bytes.length;
      this.#linesLost = 0;
    } catch {
      // A full disk may not stop the role; the next line that fits tells how many are missing.
      this.#linesLost += 1;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }

  #noteOfLostLines(): string {
    if (this.#linesLost === 0) return "";
    const time = new Date(systemClock.wallMs()).toISOString();
    const note = { time, level: "warn", event: "log_lines_lost", count: this.#linesLost };
    return JSON.stringify(note) + "\n";
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    const full = this.#descriptor;
    this.#descriptor = openToAppend(this.#path);
    this.#bytes = 0;
    closeSync(full);
  }
}

function openToAppend(path: string): number {
  try {
    return openSync(path, "a", 0o600);
  } catch (thrown) {
    throw HeronError.from(thrown, `Open log "${path}"`);
  }
}
