import { expect, test } from "bun:test";
import {
  CountMetric,
  Fields,
  type IBolt,
  type ISpout,
  type ITaskHook,
  type OutputCollector,
  type SpoutOutputCollector,
  type Topology,
  TopologyBuilder,
  type Tuple,
} from "../../api/mod.ts";
import { TaskBench } from "../../../tests/support/task_bench.ts";

/** A hook that notes all it is told. */
function notingHook(notes: unknown[]): ITaskHook {
  return {
    prepare: (config, context) =>
      void notes.push(["prepare", config["topology.name"], context.getThisTaskId()]),
    cleanup: () => void notes.push(["cleanup"]),
    emit: (info) => void notes.push(["emit", info]),
    spoutAck: (info) => void notes.push(["spoutAck", info]),
    boltExecute: ({ tuple, ...info }) => void notes.push(["boltExecute", tuple.getValues(), info]),
    boltAck: ({ tuple, ...info }) => void notes.push(["boltAck", tuple.getValues(), info]),
    boltFail: ({ tuple, ...info }) => void notes.push(["boltFail", tuple.getValues(), info]),
  };
}

/** Emits 1 and 2 with ids, then ends. */
class Numbers implements ISpout {
  #collector: SpoutOutputCollector | undefined;
  #next = 0;
  readonly acked: unknown[] = [];
  open(_config: unknown, _context: unknown, collector: SpoutOutputCollector): void {
    this.#collector = collector;
  }
  nextTuple(): void {
    if (++this.#next > 2) this.#collector?.end();
    else this.#collector?.emit([this.#next], `id ${this.#next}`);
  }
  ack(messageId: unknown): void {
    this.acked.push(messageId);
  }
  declareOutputFields(declarer: Parameters<NonNullable<ISpout["declareOutputFields"]>>[0]): void {
    declarer.declare(["number"]);
  }
}

/** Acks odd numbers and fails even ones; emits the double. */
class Halves implements IBolt {
  collector: OutputCollector | undefined;
  readonly #notes: unknown[];
  constructor(notes: unknown[]) {
    this.#notes = notes;
  }
  prepare(_config: unknown, _context: unknown, collector: OutputCollector): void {
    this.#notes.push("prepared");
    this.collector = collector;
  }
  execute(tuple: Tuple): void {
    const number = tuple.getNumber(0);
    this.collector?.emit("doubles", tuple, [2 * number]);
    if (number % 2 === 1) this.collector?.ack(tuple);
    else this.collector?.fail(tuple);
  }
  cleanup(): void {
    this.#notes.push("cleaned");
  }
  declareOutputFields(declarer: Parameters<NonNullable<IBolt["declareOutputFields"]>>[0]): void {
    declarer.declareStream("doubles", ["double"]);
  }
}

function builderOf(spout: ISpout, bolt: IBolt): TopologyBuilder {
  const builder = new TopologyBuilder("watched");
  builder.setSpout("numbers", spout);
  builder.setBolt("halves", bolt).shuffleGrouping("numbers");
  builder.setBolt("sink", { execute() {} }).globalGrouping("halves", "doubles");
  return builder;
}

test("Onlookers tell hooks of all that a spout and a bolt do", async () => {
  const spoutNotes: unknown[] = [];
  const boltNotes: unknown[] = [];
  const notes = [spoutNotes, boltNotes];
  const builder = builderOf(new Numbers(), new Halves(boltNotes));
  const topology = builder.addTaskHook(() => notingHook(notes.shift() ?? [])).createTopology();
  const spout = new TaskBench(topology, 1);
  const bolt = new TaskBench(topology, 2);
  spout.turns();
  bolt.turns(1);
  bolt.give(spout.take(2));
  bolt.turns();
  await spout.core.close();
  await bolt.core.close();
  expect(spoutNotes.filter((note) => String(note).startsWith("emit"))).toEqual([
    ["emit", { values: [1], stream: "default", taskId: 1, outTasks: [2] }],
    ["emit", { values: [2], stream: "default", taskId: 1, outTasks: [2] }],
  ]);
  expect(spoutNotes[0]).toEqual(["prepare", "watched", 1]);
  expect(spoutNotes.filter((note) => String(note).startsWith("spoutAck"))).toEqual([
    ["spoutAck", { messageId: "id 1", spoutTaskId: 1, completeLatencyMs: 0 }],
    ["spoutAck", { messageId: "id 2", spoutTaskId: 1, completeLatencyMs: 0 }],
  ]);
  expect(boltNotes).toEqual([
    "prepared",
    ["prepare", "watched", 2],
    ["emit", { values: [2], stream: "doubles", taskId: 2, outTasks: [3] }],
    ["boltAck", [1], { ackingTaskId: 2, processLatencyMs: 0 }],
    ["boltExecute", [1], { executingTaskId: 2, executeLatencyMs: 0 }],
    ["emit", { values: [4], stream: "doubles", taskId: 2, outTasks: [3] }],
    ["boltFail", [2], { failingTaskId: 2, failLatencyMs: 0 }],
    ["boltExecute", [2], { executingTaskId: 2, executeLatencyMs: 0 }],
    ["cleanup"],
    "cleaned",
  ]);
});

test("Onlookers take hooks while a task opens, and refuse them then", () => {
  const notes: unknown[] = [];
  const bolt = new Halves([]);
  let late: (() => void) | undefined;
  const opened: IBolt = {
    prepare(config, context, collector) {
      bolt.prepare(config, context, collector);
      context.addTaskHook({ boltExecute: ({ tuple }) => void notes.push(tuple.getValue(0)) });
      late = () => context.addTaskHook({});
    },
    execute: (tuple) => bolt.execute(tuple),
    declareOutputFields: (declarer) => bolt.declareOutputFields(declarer),
  };
  const topology = builderOf(new Numbers(), opened).createTopology();
  const [spout, task] = [new TaskBench(topology, 1), new TaskBench(topology, 2)];
  spout.turns();
  task.turns(1);
  expect(() => late?.()).toThrow("Add a task hook: open or prepare has returned");
  task.give(spout.take(2));
  task.turns();
  expect(notes).toEqual([1, 2]);
});

/** Runs its spout, then its bolt. */
function passTuples(topology: Topology): void {
  const [spout, task] = [new TaskBench(topology, 1), new TaskBench(topology, 2)];
  spout.turns();
  task.turns(1);
  task.give(spout.take(2));
  task.turns();
}

test("Onlookers leave user code as it is where nobody looks on", () => {
  const seen: unknown[] = [];
  const bolt: IBolt = {
    execute() {
      seen.push(this === bolt);
    },
    declareOutputFields: (declarer) => declarer.declareStream("doubles", ["double"]),
  };
  const topology = builderOf(new Numbers(), bolt).createTopology();
  passTuples(topology);
  expect(seen).toEqual([true, true]);
});

test("Onlookers log the emits of a task in debug mode, and of no other", () => {
  const topology = builderOf(new Numbers(), new Halves([])).createTopology({
    "topology.debug": true,
  });
  const spout = new TaskBench(topology, 1);
  spout.turns(2);
  expect(spout.told).toEqual([{
    kind: "emitted",
    what: [
      { stream: "default", values: "[1]", tasks: [2] },
      { stream: "default", values: "[2]", tasks: [2] },
    ],
    count: 0,
  }]);
  const silent = new TaskBench(builderOf(new Numbers(), new Halves([])).createTopology(), 1);
  silent.turns(2);
  expect(silent.told).toEqual([]);
});

test("Onlookers publish metrics while a task is idle, and once more at its end", async () => {
  const count = new CountMetric();
  const bolt: IBolt = {
    prepare: (_config, context) => void context.registerMetric("count", count, 5),
    execute() {},
    declareOutputFields: (declarer) => declarer.declareStream("doubles", ["double"]),
  };
  const task = new TaskBench(builderOf(new Numbers(), bolt).createTopology(), 2);
  task.core.turn(0);
  const value = (text: string) => ({
    kind: "published",
    what: [{ name: "count", value: text }, { name: "__collector-collection-count", value: "1" }],
  });
  expect(task.core.turn(1)).toMatchObject({ kind: "wait", untilMs: 5000 });
  count.incrBy(3);
  task.core.turn(5000);
  expect(task.told.splice(0)).toMatchObject([value("3")]);
  count.incr();
  await task.core.close();
  expect(task.told).toMatchObject([value("1")]);
});

test("Onlookers end a task whose metric throws", () => {
  const bolt: IBolt = {
    prepare(_config, context) {
      context.registerMetric("broken", {
        getValueAndReset: () => {
          throw new TypeError("no value today");
        },
      }, 1);
    },
    execute() {},
    declareOutputFields: (declarer) => declarer.declareStream("doubles", ["double"]),
  };
  const task = new TaskBench(builderOf(new Numbers(), bolt).createTopology(), 2);
  task.core.turn(0);
  expect(() => task.core.turn(1000)).toThrow("no value today");
});

test("Onlookers tell hooks of ticks, and of all tasks that an emitDirect reaches", () => {
  const told: unknown[] = [];
  const builder = new TopologyBuilder("direct");
  let collector: OutputCollector | undefined;
  builder.setSpout("numbers", new Numbers());
  builder.setBolt("ticking", {
    outputs: new Fields("number"),
    prepare: (_config, _context, given) => void (collector = given),
    execute(tuple) {
      collector?.emitDirect(4, [1]);
      collector?.ack(tuple);
    },
  }).shuffleGrouping("numbers").setTickTupleFrequencyMs(10);
  builder.setBolt("other", { execute() {} }).allGrouping("ticking");
  builder.setBolt("named", { execute() {} }).directGrouping("ticking");
  builder.addTaskHook(() => ({
    emit: ({ outTasks }) => void told.push(["emit", outTasks]),
    boltAck: ({ tuple }) => void told.push(["ack", tuple.getSourceStreamId()]),
    boltExecute: ({ tuple }) => void told.push(["execute", tuple.getSourceComponent()]),
  }));
  const bench = new TaskBench(builder.createTopology(), 2);
  for (let nowMs = 0; nowMs < 15; nowMs++) bench.core.turn(nowMs);
  expect(told).toEqual([["emit", [3, 4]], ["ack", "__tick"], ["execute", "__system"]]);
});

test("Onlookers end a task whose hook throws", () => {
  const broken = (hook: ITaskHook) => () => {
    const builder = builderOf(new Numbers(), new Halves([]));
    const topology = builder.addTaskHook(() => hook).createTopology();
    const spout = new TaskBench(topology, 1);
    spout.turns();
  };
  const thrower = () => {
    throw new TypeError("the hook's fault");
  };
  expect(broken({})).not.toThrow();
  expect(broken({ prepare: thrower })).toThrow("the hook's fault");
  expect(broken({ emit: thrower })).toThrow("the hook's fault");
  expect(broken({ spoutAck: thrower })).toThrow("the hook's fault");
});

test("Onlookers make the hooks of the topology as the task opens: what that throws is user code's", () => {
  const builder = builderOf(new Numbers(), new Halves([])).addTaskHook(() => {
    throw new TypeError("no hook today");
  });
  for (const task of [1, 2]) {
    const bench = new TaskBench(builder.createTopology(), task);
    expect(() => bench.turns(1)).toThrow(
      expect.objectContaining({ name: "FatalUserError", message: "no hook today" }),
    );
  }
});

test("Onlookers take components that are frozen", () => {
  const seen: unknown[] = [];
  const bolt: IBolt = Object.freeze({
    prepare: () => void seen.push("prepared"),
    execute: (tuple: Tuple) => void seen.push(tuple.getValue(0)),
    outputs: { doubles: new Fields("double") },
  });
  const topology = builderOf(new Numbers(), bolt).createTopology();
  passTuples(topology);
  expect(seen).toEqual(["prepared", 1, 2]);
});

test("Onlookers know the builder's hooks first, then the task's own", () => {
  const [ofBuilder, own] = [{}, {}];
  let hooks: readonly ITaskHook[] = [];
  const bolt: IBolt = {
    prepare(_config, context) {
      context.addTaskHook(own);
      hooks = context.getHooks();
    },
    execute() {},
    declareOutputFields: (declarer) => declarer.declareStream("doubles", ["double"]),
  };
  const builder = builderOf(new Numbers(), bolt).addTaskHook(() => ofBuilder);
  new TaskBench(builder.createTopology(), 2).turns(1);
  expect(hooks.length).toBe(2);
  expect(hooks[0]).toBe(ofBuilder);
  expect(hooks[1]).toBe(own);
});
