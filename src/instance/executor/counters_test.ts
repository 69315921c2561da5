import { expect, test } from "bun:test";
import {
  Fields,
  type IBolt,
  type OutputCollector,
  type SpoutOutputCollector,
  TopologyBuilder,
  type Tuple,
} from "../../api/mod.ts";
import { BENCH_CONFIG, TaskBench } from "../../../tests/support/task_bench.ts";
import {
  COUNTED_STREAMS_MAX,
  COUNTER,
  encodeTimePlace,
  STREAM_COUNTER,
  streamCounterPlace,
} from "../bridge.ts";
import { Counters } from "./counters.ts";

/** A spout that emits ten words, and a bolt with ticks that reads and acks all it gets. */
function ticking(hasPolicy: boolean) {
  const builder = new TopologyBuilder("ticking");
  let emitted = 0;
  let collector: SpoutOutputCollector | undefined;
  builder.setSpout("source", {
    outputs: new Fields("word"),
    nextTuple: () => void (emitted++ < 10 && collector?.emit(["a"])),
    open: (_config, _context, given) => void (collector = given),
  });
  let acks: OutputCollector | undefined;
  const seen: Tuple[] = [];
  const sink: IBolt = {
    prepare: (_config, _context, given) => void (acks = given),
    execute(tuple) {
      seen.push(tuple);
      tuple.getValues();
      acks?.ack(tuple);
    },
  };
  const declarer = builder.setBolt("sink", sink).shuffleGrouping("source").setTickTupleFrequencyMs(
    100,
  );
  if (hasPolicy) declarer.setErrorPolicy({ retries: 1 });
  return { topology: builder.createTopology(BENCH_CONFIG), seen };
}

/** A task whose counters are shown after each turn. */
class CountedBench extends TaskBench {
  readonly words = new Float64Array(encodeTimePlace(COUNTED_STREAMS_MAX));
  readonly #counters = new Counters(this.words, this.core);

  counted(nowMs: number): void {
    this.nowMs = nowMs;
    this.#counters.show(this.core.turn(nowMs), nowMs);
  }
}

test.each([false, true])(
  "Counters counts ticks behind the inputs; with a policy: %p",
  (hasPolicy) => {
    const { topology, seen } = ticking(hasPolicy);
    const source = new CountedBench(topology, 1);
    const sink = new CountedBench(topology, 2);
    for (let nowMs = 0; nowMs < 1000; nowMs += 10) {
      source.counted(nowMs);
      sink.give(source.take(2));
      sink.counted(nowMs);
      source.give(sink.take(1));
    }
    const { words } = sink;
    const ticks = seen.length - 10;
    expect(ticks).toBeGreaterThanOrEqual(8);
    expect([...words.slice(COUNTER.firstStream, COUNTER.firstStream + 2)]).toEqual([10, ticks]);
    expect(words[streamCounterPlace(0) + STREAM_COUNTER.acked]).toBe(10);
    expect(words[streamCounterPlace(1) + STREAM_COUNTER.acked]).toBe(ticks);
    expect(words[COUNTER.turns]).toBe(100);
    expect(words[COUNTER.turnsWithCalls]).toBeGreaterThanOrEqual(ticks);
    expect(words[COUNTER.turnsWithCalls]).toBeLessThanOrEqual(ticks + 10);
    expect(source.words[COUNTER.batchTuples]).toBe(10);
    expect(source.words[COUNTER.batches]).toBeGreaterThan(0);
    expect(source.words[COUNTER.batches]).toBeLessThanOrEqual(10);
  },
);

/** Each look at its clock takes a millisecond. */
class SlowClockBench extends CountedBench {
  override readMs(): number {
    return this.nowMs++;
  }
}

test("Counters shows how long values took to be encoded and decoded", () => {
  const { topology } = ticking(false);
  const source = new SlowClockBench(topology, 1);
  const sink = new SlowClockBench(topology, 2);
  for (let nowMs = 0; nowMs < 1000; nowMs += 10) {
    source.counted(nowMs);
    sink.give(source.take(2));
    sink.counted(nowMs);
    source.give(sink.take(1));
  }
  // Ten tuples of a millisecond each, but for those after the last look.
  const encodeMs = source.words[encodeTimePlace(0)] ?? 0;
  expect(encodeMs).toBeGreaterThan(0);
  expect(encodeMs).toBeLessThanOrEqual(10);
  const decodeMs = sink.words[streamCounterPlace(0) + STREAM_COUNTER.decodeMs] ?? 0;
  expect(decodeMs).toBeGreaterThan(0);
  expect(decodeMs).toBeLessThanOrEqual(10);
  expect(sink.words[streamCounterPlace(1) + STREAM_COUNTER.decodeMs]).toBe(0);
});
