/**
 * Counts words like word_count.ts, in a keyed state instead of a Map: words are
 * hashed and compared as bytes where they lie in the batch that came, and no
 * string is made until the end: heron-bin run examples/keyed_word_count.ts [FILE…]
 */

import { createReadStream } from "node:fs";
import { TopologyBuilder } from "heron-bin";
import type { BasicOutputCollector, ConfigMap, IBasicBolt, ISpout } from "heron-bin";
import type { NumericKeyedState, OutputFieldsDeclarer, SpoutOutputCollector } from "heron-bin";
import type { Topology, TopologyContext, Tuple } from "heron-bin";

/** Files packed with this topology: the text that is counted when none is named. */
export const assets = ["./data/text.txt"] as const;

/** Text in chunks that end between two words. */
async function* readChunks(files: readonly (string | URL)[]): AsyncGenerator<string, undefined> {
  for (const file of files) {
    let rest = "";
    // As latin1 each byte is one character, and ASCII letters are what they are in UTF-8.
    for await (const chunk of createReadStream(file, { encoding: "latin1", highWaterMark: 4096 })) {
      const text = rest + chunk;
      const end = text.search(/[A-Za-z]*$/);
      rest = text.slice(end);
      yield text.slice(0, end);
    }
    yield rest;
  }
}

function createTextSpout(files: readonly (string | URL)[]): ISpout {
  const chunks = readChunks(files);
  let collector: SpoutOutputCollector;
  return {
    open: (_config, _context, given) => void (collector = given),
    async nextTuple() {
      const { value: text } = await chunks.next();
      if (text === undefined) collector.end();
      else if (text !== "") collector.emit([text]);
    },
    declareOutputFields: (declarer) => declarer.declare(["text"]),
  };
}

class Split implements IBasicBolt {
  execute(tuple: Tuple, collector: BasicOutputCollector): void {
    const words = tuple.getString(0).match(/[A-Za-z]+/g) ?? [];
    for (const word of words) collector.emit([word.toLowerCase()]);
  }
  declareOutputFields(declarer: OutputFieldsDeclarer): void {
    declarer.declare(["word"]);
  }
}

class Count implements IBasicBolt {
  #counts?: NumericKeyedState<number>;

  prepare(_config: ConfigMap, context: TopologyContext): void {
    this.#counts = context.keyedState("counts", { value: "int32" });
  }
  execute(tuple: Tuple): void {
    this.#counts?.add(tuple, 1);
  }
  finish(): void {
    for (const [[word], count] of this.#counts ?? []) console.log(`${word}\t${count}`);
  }
}

/** The topology: text → words → counts; each word is counted in the task that it is sent to. */
export default function keyedWordCount(args: readonly string[]): Topology {
  const files = args.length > 0 ? args : assets.map((asset) => new URL(asset, import.meta.url));
  const builder = new TopologyBuilder("keyed-word-count");
  builder.setSpout("text", createTextSpout(files));
  builder.setBasicBolt("split", new Split(), 2).shuffleGrouping("text");
  builder.setBasicBolt("count", new Count(), 2).fieldsGrouping("split", ["word"]);
  return builder.createTopology();
}
