/**
 * Carries what an instance prints to its container's supervisor, line by line. Nothing is
 * read before what was read last has been taken: so a reader that is slow or stands still
 * slows the instance down, and no memory fills.
 */

import { OutputStream } from "../base/gen/heron_bin/packet_pb.ts";
import { type Clock, HeronError, type Logger, sleep } from "../base/mod.ts";
import { LineSplitter } from "./line_splitter.ts";

/** What a pump needs. */
export interface OutputPumpOptions {
  readonly stdout: ReadableStream<Uint8Array>;
  readonly stderr: ReadableStream<Uint8Array>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Takes lines; resolves when more may come. */
  deliver(stream: OutputStream, lines: string[]): Promise<void>;
}

// More than this is not made into lines and packets at a time.
const SLICE_BYTES = 256 * 1024;

// How long the pipes of a dead process may stay open without a byte: a process in a session
// of its own that it started may hold them.
const LULL_MS = 500;

/** The reader of a pipe, whichever of the standard library's it is. */
interface Reader {
  read(): Promise<{ readonly value?: Uint8Array | undefined }>;
  cancel(): Promise<void>;
}

/** The pump of one instance. */
export class OutputPump {
  readonly #options: OutputPumpOptions;
  readonly #readers: readonly Reader[];
  readonly #done: Promise<unknown>;
  #delivering = 0;
  #chunks = 0;
  #ended = false;

  /** Starts to read. */
  constructor(options: OutputPumpOptions) {
    this.#options = options;
    const streams = [
      [OutputStream.STDOUT, options.stdout.getReader()],
      [OutputStream.STDERR, options.stderr.getReader()],
    ] as const;
    this.#readers = streams.map(([, reader]) => reader);
    this.#done = Promise.all(streams.map(([stream, reader]) => this.#pump(stream, reader)));
  }

  /** The process has ended: resolves when all that it printed has been taken. */
  async finish(): Promise<void> {
    const done = this.#done.then(() => {
      this.#ended = true;
    });
    while (!this.#ended) {
      const chunks = this.#chunks;
      await Promise.race([done, sleep(this.#options.clock, LULL_MS)]);
      const isQuiet = this.#delivering === 0 && this.#chunks === chunks;
      if (isQuiet && !this.#ended) return this.#giveUp();
    }
  }

  async #pump(
    stream: OutputStream,
    reader: Reader,
  ): Promise<void> {
    const splitter = new LineSplitter();
    try {
      for (;;) {
        const { value } = await reader.read();
        if (value === undefined) break;
        this.#chunks++;
        for (let at = 0; at < value.length; at += SLICE_BYTES) {
          await this.#deliver(stream, splitter.take(value.subarray(at, at + SLICE_BYTES)));
        }
      }
    } catch (thrown) {
      this.#options.logger.warn("output broken off", { error: HeronError.from(thrown) });
    }
    await this.#deliver(stream, splitter.end());
  }

  async #deliver(stream: OutputStream, lines: string[]): Promise<void> {
    if (lines.length === 0) return;
    this.#delivering++;
    await this.#options.deliver(stream, lines);
    this.#delivering--;
  }

  async #giveUp(): Promise<void> {
    this.#options.logger.warn("output left open by a process that ended");
    await Promise.all(this.#readers.map((reader) => reader.cancel()));
  }
}
