import { expect, test } from "bun:test";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type SinkBench, testSink, type WrittenRecord } from "./conformance.ts";
import { openFileSink } from "./file.ts";
import type { FileSinkSettings } from "./sink.ts";

/** A record in the file, as Heron writes it. */
interface FileRecord {
  readonly timestamp: number;
  readonly source: string;
  readonly metrics: Readonly<Record<string, string>>;
  readonly exceptions: readonly { readonly stackTrace: string }[];
}

/** A file sink in a folder of its own. */
class FileBench implements SinkBench {
  readonly #root: string;
  readonly folder: string;
  readonly sink: SinkBench["sink"];

  private constructor(root: string, sink: SinkBench["sink"]) {
    this.#root = root;
    this.folder = join(root, "metrics");
    this.sink = sink;
  }

  static async open(settings: Partial<FileSinkSettings> = {}): Promise<FileBench> {
    const root = await mkdtemp(join(tmpdir(), "sink-"));
    const path = join(root, "metrics", "metricsmgr-1.json");
    const defaults = { type: "file", path, filesMax: 5, fileBytesMax: 1e6 } as const;
    await mkdir(join(root, "metrics"));
    return new FileBench(root, await openFileSink({ ...defaults, ...settings }));
  }

  /** The files by name. */
  async files(): Promise<Map<string, string>> {
    const names = (await readdir(this.folder)).sort();
    const texts = names.map((name) => readFile(join(this.folder, name), "utf8"));
    return new Map((await Promise.all(texts)).map((text, index) => [names[index] ?? "", text]));
  }

  async read(): Promise<WrittenRecord[]> {
    const texts = [...(await this.files()).values()];
    // The file's own format, which the assertions then compare.
    const records = texts.flatMap((text) => JSON.parse(text) as FileRecord[]);
    return records.map(({ timestamp, source, metrics, exceptions }) => ({
      timestampMs: timestamp,
      source,
      metrics,
      stackTraces: exceptions.map(({ stackTrace }) => stackTrace),
    }));
  }

  /** A file in the folder's place fails for root as well. */
  async breakDown(isBroken: boolean): Promise<void> {
    const aside = `${this.folder}.aside`;
    if (isBroken) {
      await rename(this.folder, aside);
      await writeFile(this.folder, "");
    } else {
      await rm(this.folder);
      await rename(aside, this.folder);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sink.close();
    await chmod(this.#root, 0o700);
    await rm(this.#root, { recursive: true, force: true });
  }
}

testSink("file", () => FileBench.open());

const RECORD = {
  timestampMs: 5,
  source: "h:1/word/w",
  metrics: [{ name: "__emit-count/default", value: "7" }],
  exceptions: [{ stacktrace: "at x", firsttime: "a", lasttime: "b", logging: "l", count: 2 }],
};
const TEXT = '{"timestamp":5,"source":"h:1/word/w","context":"default",' +
  '"metrics":{"__emit-count/default":"7"},"exceptions":[{"firstTime":"a","lastTime":"b",' +
  '"logging":"l","stackTrace":"at x","count":2}]}';

test("openFileSink() writes Heron's records, a line each, and [] for an empty interval", async () => {
  await using bench = await FileBench.open();
  await bench.sink.write([RECORD, RECORD]);
  await bench.sink.flush();
  await bench.sink.flush();
  expect([...await bench.files()]).toEqual([
    ["metricsmgr-1.json.0", `[${TEXT},\n${TEXT}]`],
    ["metricsmgr-1.json.1", "[]"],
  ]);
});

test("openFileSink() writes at once, and makes a flushed file read-only", async () => {
  await using bench = await FileBench.open();
  await bench.sink.write([RECORD]);
  expect((await bench.files()).get("metricsmgr-1.json.0")).toBe(`[${TEXT}`);
  const path = join(bench.folder, "metricsmgr-1.json.0");
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  await bench.sink.flush();
  expect((await stat(path)).mode & 0o777).toBe(0o400);
});

test("openFileSink() writes the first file again after the last", async () => {
  await using bench = await FileBench.open({ filesMax: 2 });
  for (const timestampMs of [1, 2, 3]) {
    await bench.sink.write([{ ...RECORD, timestampMs }]);
    await bench.sink.flush();
  }
  expect((await bench.read()).map(({ timestampMs }) => timestampMs)).toEqual([3, 2]);
});

test("openFileSink() ends a file that is too long before its flush is due", async () => {
  await using bench = await FileBench.open({ fileBytesMax: 1.5 * TEXT.length });
  for (let turn = 0; turn < 3; turn++) await bench.sink.write([RECORD]);
  await bench.sink.flush();
  expect([...(await bench.files()).values()]).toEqual([`[${TEXT},\n${TEXT}]`, `[${TEXT}]`]);
});

test("openFileSink() makes its folder again, and loses what it is given while it cannot", async () => {
  await using bench = await FileBench.open();
  await rm(bench.folder, { recursive: true });
  await writeFile(bench.folder, "");
  await expect(bench.sink.write([RECORD])).rejects.toThrow("metricsmgr-1.json");
  await rm(bench.folder);
  await bench.sink.write([{ ...RECORD, timestampMs: 6 }]);
  await bench.sink.flush();
  expect((await bench.read()).map(({ timestampMs }) => timestampMs)).toEqual([6]);
});

test("openFileSink() refuses settings that make no sense", async () => {
  await expect(FileBench.open({ filesMax: 0 })).rejects.toThrow(RangeError);
  await expect(FileBench.open({ fileBytesMax: Number.NaN })).rejects.toThrow(RangeError);
});
