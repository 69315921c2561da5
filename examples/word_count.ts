/**
 * Counts the words (runs of ASCII letters, lower-cased) of text files and at
 * the end prints one line a word, `word<TAB>count`, in no particular order. Names and types of
 * fields are checked by the compiler: heron-bin run examples/word_count.ts [FILE…]
 */

import { createReadStream } from "node:fs";
import { Fields, TopologyBuilder } from "heron-bin";
import type { BasicOutputCollector, IBasicBolt, ISpout, SpoutOutputCollector } from "heron-bin";
import type { Topology, Tuple } from "heron-bin";

/** Files packed with this topology: the text that is counted when none is named. */
export const assets = ["./data/text.txt"] as const;

const LINE = new Fields("line").of<[string]>();
const WORD = new Fields("word").of<[string]>();

const CHUNK_BYTES = 4096;
const WORD_LENGTH_MAX = 4 * CHUNK_BYTES;

/** The lines of the files, by chunks; a line longer than a chunk is cut between two words. */
async function* readLines(files: readonly (string | URL)[]): AsyncGenerator<string[], undefined> {
  // As latin1 each byte is one character, and ASCII letters are what they are in UTF-8.
  const options = { encoding: "latin1", highWaterMark: CHUNK_BYTES } as const;
  for (const file of files) {
    let rest = "";
    for await (const chunk of createReadStream(file, options)) {
      const text = rest + chunk;
      const end = text.lastIndexOf("\n") + 1 || text.search(/[A-Za-z]*$/);
      rest = text.slice(end);
      if (rest.length > WORD_LENGTH_MAX) throw new Error(`Read "${file}": a word is too long`);
      yield text.slice(0, end).split("\n");
    }
    yield [rest];
  }
}

function createLinesSpout(files: readonly (string | URL)[]) {
  const chunks = readLines(files);
  let collector: SpoutOutputCollector<typeof LINE>;
  return {
    outputs: LINE,
    open: (_config, _context, given: SpoutOutputCollector<typeof LINE>) => void (collector = given),
    async nextTuple() {
      const { value: lines } = await chunks.next();
      if (lines === undefined) return collector.end();
      for (const line of lines) if (line !== "") collector.emit([line]);
    },
  } satisfies ISpout;
}

class Split implements IBasicBolt {
  readonly outputs = WORD;
  execute(tuple: Tuple<typeof LINE>, collector: BasicOutputCollector<typeof WORD>): void {
    const words = tuple.getValueByField("line").match(/[A-Za-z]+/g) ?? [];
    for (const word of words) collector.emit([word.toLowerCase()]);
  }
}

class Count implements IBasicBolt {
  readonly #counts = new Map<string, number>();
  execute(tuple: Tuple<typeof WORD>): void {
    const word = tuple.getValueByField("word");
    this.#counts.set(word, (this.#counts.get(word) ?? 0) + 1);
  }
  finish(): void {
    for (const [word, count] of this.#counts) console.log(`${word}\t${count}`);
  }
}

/** The topology: lines → words → counts. */
export default function wordCount(args: readonly string[]): Topology {
  const files = args.length > 0 ? args : assets.map((asset) => new URL(asset, import.meta.url));
  const builder = new TopologyBuilder("word-count");
  const lines = builder.setSpout("lines", createLinesSpout(files));
  const split = builder.setBasicBolt("split", new Split(), 2).shuffleGrouping(lines);
  builder.setBasicBolt("count", new Count(), 2).fieldsGrouping(split, ["word"]);
  return builder.createTopology();
}
