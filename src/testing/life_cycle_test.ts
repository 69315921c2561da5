/** The life cycle of components, as authors of Storm and Heron topologies know it, in the test kit. */

import { expect, test } from "bun:test";
import { acked, boltOf, textSpout } from "../../tests/support/kit_topologies.ts";
import {
  Config,
  type ConfigMap,
  type ISpout,
  type Topology,
  TopologyBuilder,
  type Tuple,
} from "../api/mod.ts";
import { createTestTopology } from "./test_topology.ts";

interface Calls {
  readonly spout: string[];
  readonly bolt: string[];
  readonly config: ConfigMap[];
}

/** A spout that emits once and a bolt, which note what is called. */
function noting(calls: Calls): Topology {
  const builder = new TopologyBuilder("life-cycle");
  let collector: Parameters<NonNullable<ISpout["open"]>>[2] | undefined;
  builder.setSpout("source", {
    open(config, _context, given) {
      calls.spout.push("open");
      calls.config.push(config);
      collector = given;
    },
    activate: () => void calls.spout.push("activate"),
    deactivate: () => void calls.spout.push("deactivate"),
    nextTuple() {
      calls.spout.push("nextTuple");
      collector?.emit(["a"], 1);
      collector?.emit(["b"]);
      collector?.end();
    },
    ack: (messageId) => void calls.spout.push(`ack ${messageId}`),
    fail: (messageId) => void calls.spout.push(`fail ${messageId}`),
    close: () => void calls.spout.push("close"),
    declareOutputFields: (declarer) => declarer.declare(["letter"]),
  }).addConfiguration("both", "component").addConfigurations({ own: 1 });
  builder.setBolt("sink", {
    prepare: () => void calls.bolt.push("prepare"),
    execute: (tuple: Tuple) => void calls.bolt.push(`execute ${tuple.getString(0)}`),
    finish: () => void calls.bolt.push("finish"),
    cleanup: () => void calls.bolt.push("cleanup"),
  }).shuffleGrouping("source");
  return builder.createTopology({ both: "topology", shared: 2 });
}

async function run(): Promise<Calls> {
  const calls: Calls = { spout: [], bolt: [], config: [] };
  await using topology = await createTestTopology(() => noting(calls));
  await topology.run();
  return calls;
}

test("a spout is opened, activated, called, told of its tuples, and closed", async () => {
  const { spout } = await run();
  expect(spout).toEqual(["open", "activate", "nextTuple", "ack 1", "close"]);
});

test("a bolt is prepared, executes, finishes, and is cleaned up", async () => {
  const { bolt } = await run();
  expect(bolt).toEqual(["prepare", "execute a", "execute b", "finish", "cleanup"]);
});

test("every method may be async, and the next call waits for it", async () => {
  const calls: string[] = [];
  const slowly = (name: string) => async () => {
    calls.push(`${name} …`);
    await new Promise((resolve) => setTimeout(resolve, 2));
    calls.push(name);
  };
  const slow = (): Topology => {
    const builder = new TopologyBuilder("slow");
    let collector: Parameters<NonNullable<ISpout["open"]>>[2] | undefined;
    builder.setSpout("source", {
      open: (_config, _context, given) => {
        collector = given;
        return slowly("open")();
      },
      activate: slowly("activate"),
      async nextTuple() {
        await slowly("nextTuple")();
        collector?.emit(["a"], 1);
        collector?.end();
      },
      ack: slowly("ack"),
      close: slowly("close"),
      declareOutputFields: (declarer) => declarer.declare(["letter"]),
    });
    return builder.createTopology();
  };
  await using topology = await createTestTopology(slow);
  await topology.run();
  const names = ["open", "activate", "nextTuple", "ack", "close"];
  expect(calls).toEqual(names.flatMap((name) => [`${name} …`, name]));

  calls.length = 0;
  const bolt = () =>
    acked(() => ({
      prepare: slowly("prepare"),
      execute: slowly("execute"),
      finish: slowly("finish"),
      cleanup: slowly("cleanup"),
    }), { [Config.TOPOLOGY_RELIABILITY_MODE]: "ATMOST_ONCE" });
  await using other = await createTestTopology(bolt(), { mockSpouts: { text: [["a"], ["b"]] } });
  await other.run();
  expect(calls).toEqual(
    ["prepare", "execute", "execute", "finish", "cleanup"].flatMap((name) => [`${name} …`, name]),
  );
});

test("a bolt may switch off the ticks of its topology", async () => {
  const ticks = { ticking: 0, silent: 0 };
  const ticked = (): Topology => {
    const builder = new TopologyBuilder("ticked");
    builder.setSpout("text", textSpout());
    builder.setBolt("ticking", { execute: () => void ticks.ticking++ }).shuffleGrouping("text");
    builder.setBolt("silent", { execute: () => void ticks.silent++ }).shuffleGrouping("text")
      .setTickTupleFrequency(0);
    return builder.createTopology(new Config().setTickTupleFrequency(1));
  };
  await using topology = await createTestTopology(ticked, { mockSpouts: { text: [] } });
  await topology.advance(3_500);
  expect(ticks).toEqual({ ticking: 3, silent: 0 });
});

test("a component gets the topology's configuration with its own on top", async () => {
  const { config } = await run();
  expect(config[0]).toMatchObject({ both: "component", own: 1, shared: 2 });
  expect(config[0]).toMatchObject({ "topology.name": "life-cycle" });
});

test("what is changed after its emit reaches nobody", async () => {
  const seen: unknown[] = [];
  const changing = (): Topology => {
    const builder = new TopologyBuilder("changing");
    let collector: Parameters<NonNullable<ISpout["open"]>>[2] | undefined;
    builder.setSpout("source", {
      open: (_config, _context, given) => void (collector = given),
      nextTuple() {
        const value = { list: [1], bytes: new Uint8Array([1]) };
        collector?.emit([value]);
        value.list.push(2);
        value.bytes[0] = 2;
        collector?.end();
      },
      declareOutputFields: (declarer) => declarer.declare(["value"]),
    });
    builder.setBolt("sink", { execute: (tuple: Tuple) => void seen.push(tuple.getValue(0)) })
      .shuffleGrouping("source");
    return builder.createTopology();
  };
  await using topology = await createTestTopology(changing);
  await topology.run();
  expect(seen).toEqual([{ list: [1], bytes: new Uint8Array([1]) }]);
});

test("topology.enable.message.timeouts: without them no tuple fails for being late", async () => {
  const late = (enabled: boolean) =>
    acked(() => boltOf(() => undefined), {
      [Config.TOPOLOGY_MESSAGE_TIMEOUT_SECS]: 30,
      [Config.TOPOLOGY_ENABLE_MESSAGE_TIMEOUTS]: enabled,
    });
  const reasons = async (enabled: boolean) => {
    await using topology = await createTestTopology(late(enabled), {
      mockSpouts: { text: [{ values: ["forget"], messageId: 1 }] },
    });
    await topology.advance(300_000);
    return topology.failed("text").map(({ reason }) => reason);
  };
  expect([await reasons(true), await reasons(false)]).toEqual([["timeout"], []]);
});

test("a spout's own setMaxSpoutPending bounds its open tuples, also above the topology's", async () => {
  const open: Record<string, number> = {};
  function counted(name: string): ISpout {
    let collector: Parameters<NonNullable<ISpout["open"]>>[2] | undefined;
    return {
      open: (_config, _context, given) => void (collector = given),
      nextTuple() {
        open[name] = (open[name] ?? 0) + 1;
        collector?.emit([name], open[name]);
      },
      declareOutputFields: (declarer) => declarer.declare(["name"]),
    };
  }
  const builder = new TopologyBuilder("pending");
  builder.setSpout("few", counted("few")).setMaxSpoutPending(2);
  builder.setSpout("many", counted("many")).setMaxSpoutPending(50);
  builder.setSpout("all", counted("all"));
  // Nothing is acked.
  builder.setBolt("sink", { execute() {} })
    .shuffleGrouping("few").shuffleGrouping("many").shuffleGrouping("all");
  const config = new Config().setTopologyReliabilityMode("ATLEAST_ONCE").setMaxSpoutPending(10)
    .setMessageTimeoutSecs(1000).put("spout.pending.start", 100);
  await using topology = await createTestTopology(() => builder.createTopology(config));
  await topology.advance(5000);
  expect(open).toEqual({ few: 2, many: 50, all: 10 });
});
