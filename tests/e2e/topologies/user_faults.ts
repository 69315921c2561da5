/** A topology whose user code does wrong what its argument says, at its first tuple or its end. */

import { Config, TopologyBuilder } from "heron-bin";
import type { OutputCollector, SpoutOutputCollector, Topology, Tuple } from "heron-bin";

/** What the rich bolt `middle` does with its first tuple. */
const FAULTS: Readonly<
  Record<string, (tuple: Tuple, collector: OutputCollector) => void | Promise<void>>
> = {
  unknown_stream(_, collector) {
    collector.emit("nowhere", [1]); // line of unknown_stream
  },
  wrong_arity(_, collector) {
    collector.emit([1, 2]); // line of wrong_arity
  },
  no_values(_, collector) {
    // The compiler would see it: what comes from JavaScript is not looked at by it.
    Reflect.apply(collector.emit, collector, ["word"]); // line of no_values
  },
  value_not_encodable(_, collector) {
    collector.emit([() => 1]); // line of value_not_encodable
  },
  tuple_too_large(_, collector) {
    collector.emit(["x".repeat(200_000)]); // line of tuple_too_large
  },
  no_such_target(_, collector) {
    collector.emitDirect(99, [1]); // line of no_such_target
  },
  acked_twice(tuple, collector) {
    collector.ack(tuple);
    collector.ack(tuple); // line of acked_twice
  },
  failed_after_ack(tuple, collector) {
    collector.ack(tuple);
    collector.fail(tuple); // line of failed_after_ack
  },
  anchored_to_done(tuple, collector) {
    collector.ack(tuple);
    collector.emit(tuple, [1]); // line of anchored_to_done
  },
  foreign_tuple(tuple, collector) {
    const copy: Tuple = Object.create(null);
    collector.ack(Object.assign(copy, { values: tuple.getValues() })); // line of foreign_tuple
  },
  not_enough_memory() {
    "x".padEnd(2 ** 40); // line of not_enough_memory
  },
  async out_of_memory() {
    const kept: Uint8Array[] = [];
    for (;;) {
      kept.push(new Uint8Array(16 * 1024 * 1024).fill(1));
      // So slowly that it is seen in time by who looks late.
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  },
  memory_high(tuple, collector) {
    const kept = new Uint8Array(150 * 1024 * 1024).fill(1);
    return new Promise((resolve) =>
      setTimeout(() => {
        if (kept[0] === 1) collector.ack(tuple);
        resolve();
      }, 4000)
    );
  },
  async prints() {
    const line = `${"x".repeat(1023)}\n`;
    for (let block = 0; block < 256; block++) {
      console.log(line.repeat(1024).slice(0, -1));
      await new Promise((resolve) => setTimeout(resolve));
    }
  },
  call_pending: () => new Promise(() => {}),
  slow_call: () => new Promise((resolve) => setTimeout(resolve, 3000)),
  call_blocked() {
    for (;;);
  },
  blocks_behind_await: async () => {
    await Promise.resolve();
    for (;;);
  },
  blocks_in_timer() {
    setTimeout(() => {
      for (;;);
    }, 1);
  },
};

const CONFIGS: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
  tuple_too_large: { "topology.tuple.max.bytes": 100_000 },
  anchored_to_done: { "topology.reliability.mode": "ATLEAST_ONCE" },
  out_of_memory: { "topology.component.rammap": `middle:${100 * 1024 * 1024}` },
  memory_high: { "topology.component.rammap": `middle:${100 * 1024 * 1024}` },
};

export default function userFaults([mode = ""]: readonly string[]): Topology {
  const builder = new TopologyBuilder("user-faults");
  let collector: SpoutOutputCollector;
  let sent = 0;
  // Not as an arrow without a body: a call in tail position leaves no frame in the stack.
  function emitLate(): void {
    collector.emit([1]); // line of emit_after_end
  }
  builder.setSpout("numbers", {
    open(_config, _context, given) {
      collector = given;
      return mode === "open_pending" ? new Promise(() => {}) : undefined;
    },
    nextTuple() {
      if (mode === "exit_in_spout") process.exit(3); // line of exit_in_spout
      // A timer's crash comes after tuples that were handled: it is one too many when it comes again.
      if (sent === 100 && mode !== "collector_closed") {
        collector.end();
        if (mode === "emit_after_end") setTimeout(emitLate, 500);
      } else collector.emit([sent++]);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
    close() {
      if (mode === "emit_in_close") collector.emit([1]); // line of emit_in_close
      if (mode === "close_fails") throw new Error("thrown on purpose"); // line of close_fails
    },
  });
  let out: OutputCollector;
  let received = 0;
  builder.setBolt("middle", {
    prepare(_config, _context, given) {
      out = given;
      return mode === "prepare_pending" ? new Promise(() => {}) : undefined;
    },
    execute(tuple: Tuple) {
      const fault = FAULTS[mode];
      if (received++ === 0 && fault !== undefined) return fault(tuple, out);
      out.emit(tuple, [tuple.getValue(0)]);
      out.ack(tuple);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }).shuffleGrouping("numbers");
  builder.setBasicBolt("last", {
    execute(_tuple, late) {
      if (mode !== "collector_closed") return;
      setTimeout(() => {
        late.emit([1]); // line of collector_closed
      }, 1);
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  }).shuffleGrouping("middle");
  if (mode === "emit_after_end") setSlowSpout(builder);
  const config = new Config(CONFIGS[mode]).put("task.crashes.max", 1).put("call.warn.ms", 400)
    .put("topology.drain.ms", 1500).put("instance.receive.bytes", 65_536);
  return builder.createTopology(config);
}

/** Keeps the run up for a while after the other spout has ended. */
function setSlowSpout(builder: TopologyBuilder): void {
  let end: (() => void) | undefined;
  let endAtMs = 0;
  builder.setSpout("slow", {
    open(_config, _context, given) {
      end = () => given.end();
      endAtMs = performance.now() + 5000;
    },
    nextTuple() {
      if (performance.now() > endAtMs) end?.();
    },
    declareOutputFields: (declarer) => declarer.declare(["number"]),
  });
}
