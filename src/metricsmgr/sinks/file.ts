/**
 * Heron's file sink: from one flush to the next the records go to one file, a
 * JSON array with a record a line, which is then read-only. The files are
 * numbered, and after the last the first is written again.
 */

import { chmod, type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { HeronError } from "../../base/mod.ts";
import type { MetricRecord } from "../metric_record.ts";
import type { FileSinkSettings, Sink } from "./sink.ts";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const FLUSHED_MODE = 0o400;
const OPENING = "[";
const CLOSING = "]";

/**
 * Opens a file sink. Its folder is made with each file: one that cannot be made now costs what is written
 * now, and not the metrics manager.
 * @throws RangeError for settings that make no sense
 */
export function openFileSink(settings: FileSinkSettings): Promise<Sink> {
  const { path, filesMax, fileBytesMax } = settings;
  return Promise.try(() => {
    if (Number.isInteger(filesMax) && filesMax >= 1 && fileBytesMax > 0) {
      return new FileSink(settings);
    }
    throw new RangeError(
      `Open file sink "${path}": found filesMax "${filesMax}", fileBytesMax "${fileBytesMax}", ` +
        "expected at least 1 each",
    );
  });
}

interface OpenFile {
  readonly handle: FileHandle;
  readonly path: string;
  bytes: number;
}

class FileSink implements Sink {
  readonly #settings: FileSinkSettings;
  #file: OpenFile | undefined;
  #next = 0;
  #isClosed = false;

  constructor(settings: FileSinkSettings) {
    this.#settings = settings;
  }

  write(records: readonly MetricRecord[]): Promise<void> {
    return this.#attempt("Write to", async () => {
      if (this.#isClosed || records.length === 0) return;
      const file = this.#file ??= await this.#begin();
      const text = records.map((record) => JSON.stringify(jsonOf(record))).join(",\n");
      await put(file, file.bytes === OPENING.length ? text : `,\n${text}`);
      if (file.bytes > this.#settings.fileBytesMax) await this.#end(file);
    });
  }

  flush(): Promise<void> {
    return this.#attempt("Flush", async () => {
      if (this.#isClosed) return;
      this.#file ??= await this.#begin();
      await this.#end(this.#file);
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  async #begin(): Promise<OpenFile> {
    const { path: prefix, filesMax } = this.#settings;
    const path = `${prefix}.${this.#next}`;
    await mkdir(dirname(path), { recursive: true, mode: FOLDER_MODE });
    this.#next = (this.#next + 1) % filesMax;
    // The one of the last round is read-only.
    await rm(path, { force: true });
    const file = { handle: await open(path, "wx", FILE_MODE), path, bytes: 0 };
    await put(file, OPENING);
    return file;
  }

  async #end(file: OpenFile): Promise<void> {
    await put(file, CLOSING);
    this.#file = undefined;
    await file.handle.close();
    await chmod(file.path, FLUSHED_MODE);
  }

  /** After a failure the next record begins a new file. */
  async #attempt(doing: string, run: () => Promise<void>): Promise<void> {
    try {
      await run();
    } catch (thrown) {
      const file = this.#file;
      this.#file = undefined;
      // The first failure is the one to tell of.
      await file?.handle.close().catch(() => undefined);
      throw HeronError.from(thrown, `${doing} file sink "${this.#settings.path}"`);
    }
  }
}

async function put(file: OpenFile, text: string): Promise<void> {
  const { bytesWritten } = await file.handle.write(text);
  const bytes = Buffer.byteLength(text);
  file.bytes += bytesWritten;
  if (bytesWritten < bytes) {
    throw new HeronError("io", `Append: ${bytesWritten} B were written, expected ${bytes} B`);
  }
}

function jsonOf(record: MetricRecord): object {
  return {
    timestamp: record.timestampMs,
    source: record.source,
    context: "default",
    metrics: Object.fromEntries(record.metrics.map(({ name, value }) => [name, value])),
    exceptions: record.exceptions.map((one) => ({
      firstTime: one.firsttime,
      lastTime: one.lasttime,
      logging: one.logging,
      stackTrace: one.stacktrace,
      count: one.count,
    })),
  };
}
