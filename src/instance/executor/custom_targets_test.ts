import { expect, test } from "bun:test";
import {
  type CustomStreamGrouping,
  type SpoutOutputCollector,
  TopologyBuilder,
  type TopologyContext,
} from "../../api/mod.ts";
import { PACKET_FIELD } from "../../tuples/mod.ts";
import { TaskBench } from "../../../tests/support/task_bench.ts";

/** What a grouping was prepared with. */
type Prepared = [component: string, stream: string, tasks: readonly number[], version: string];

class Picks implements CustomStreamGrouping {
  readonly prepared: Prepared[] = [];
  #tasks: readonly number[] = [];
  readonly #pick: (values: readonly unknown[], tasks: readonly number[]) => unknown;

  constructor(pick: (values: readonly unknown[], tasks: readonly number[]) => unknown) {
    this.#pick = pick;
  }
  prepare(
    context: TopologyContext,
    component: string,
    stream: string,
    tasks: readonly number[],
  ): void {
    this.prepared.push([component, stream, tasks, context.getThisComponentId()]);
    this.#tasks = tasks;
  }
  chooseTasks(values: readonly unknown[]): readonly number[] {
    // Wrong ones are the point of some tests.
    return this.#pick(values, this.#tasks) as readonly number[];
  }
}

/** A spout (task 1) with bolts behind it that subscribe by these, three tasks each; `emit` runs in `nextTuple`. */
function run(
  groupings: Record<string, CustomStreamGrouping | "all" | "shuffle">,
  emit: (collector: SpoutOutputCollector) => void,
  isInOpen = false,
): TaskBench {
  const builder = new TopologyBuilder("custom");
  let collector: SpoutOutputCollector | undefined;
  const emitNow = () => {
    if (collector !== undefined) emit(collector);
  };
  builder.setSpout("source", {
    open: (_config, _context, given) => {
      collector = given;
      if (isInOpen) emitNow();
    },
    nextTuple: () => {
      if (!isInOpen) emitNow();
      collector?.end();
    },
    declareOutputFields: (to) => {
      to.declare(["number"]);
      to.declareStream("nobody", ["number"]);
      to.declareStream("twice", ["number"]);
    },
  });
  for (const [name, grouping] of Object.entries(groupings)) {
    const bolt = builder.setBolt(name, { execute() {} }, 3);
    if (grouping === "all") bolt.allGrouping("source");
    else if (grouping === "shuffle") bolt.shuffleGrouping("source");
    else bolt.customGrouping("source", grouping);
    if (grouping !== "all") bolt.shuffleGrouping("source", "twice").allGrouping("source", "twice");
  }
  const bench = new TaskBench(builder.createTopology(), 1);
  bench.turns();
  return bench;
}

function failureOf(pick: () => unknown): () => void {
  return () => void run({ bolt: new Picks(pick) }, (collector) => void collector.emit([1]));
}

test("A custom grouping is prepared before open, with its tasks, and chooses from none to all", () => {
  const emitted: (readonly number[])[] = [];
  const grouping = new Picks(([number], tasks) => tasks.slice(0, Number(number)));
  const isInOpen = true;
  run({ bolt: grouping }, (collector) => {
    for (const number of [0, 1, 3]) emitted.push(collector.emit([number]));
  }, isInOpen);
  expect(grouping.prepared).toEqual([["source", "default", [2, 3, 4], "source"]]);
  expect(emitted).toEqual([[], [2], [2, 3, 4]]);
});

test("emit() tells the tasks of all consumers: each custom one's own choice, and the others'", () => {
  const emitted: (readonly number[])[] = [];
  const first = new Picks((_, tasks) => tasks.slice(0, 1));
  const last = new Picks((_, tasks) => [tasks[2], tasks[1]]);
  run({ first, every: "all", last, any: "shuffle" }, (collector) => {
    emitted.push(collector.emit([1]), collector.emit("nobody", [1]));
  });
  const [tasks, nobody] = emitted;
  expect(first.prepared[0]?.[2]).toEqual([2, 3, 4]);
  expect(last.prepared[0]?.[2]).toEqual([8, 9, 10]);
  expect(tasks?.slice(0, 6)).toEqual([2, 5, 6, 7, 10, 9]);
  expect(tasks?.[6]).toBeWithin(11, 14);
  expect(nobody).toEqual([]);
});

test("A task that a custom grouping names twice gets two copies", () => {
  const emitted: (readonly number[])[] = [];
  const grouping = new Picks((_, tasks) => [tasks[1], tasks[1]]);
  const bench = run({ bolt: grouping }, (collector) => {
    emitted.push(collector.emit([7]));
  });
  expect(emitted).toEqual([[3, 3]]);
  expect(bench.ended).toMatchObject([{ emitted: 1 }]);
});

test("emit() sends a copy for each subscription of a bolt that reads a stream twice", () => {
  const emitted: (readonly number[])[] = [];
  run({ bolt: "shuffle" }, (collector) => {
    emitted.push(collector.emit("twice", [1]));
  });
  expect(emitted[0]?.length).toBe(4);
  expect(emitted[0]?.slice(1)).toEqual([2, 3, 4]);
  expect(emitted[0]?.[0]).toBeWithin(2, 5);
});

test("A custom grouping that chooses no task of its bolt fails the emit by name", () => {
  expect(failureOf(() => [3, 1])).toThrow(
    'Emit from "source" to stream "default": custom grouping "Picks" of "bolt" chose task 1, ' +
      "expected some of [2, 3, 4]",
  );
  const bare: CustomStreamGrouping = Object.assign(Object.create(null), {
    prepare() {},
    chooseTasks: () => [9],
  });
  expect(() => run({ bolt: bare }, (collector) => void collector.emit([1]))).toThrow(
    'custom grouping "Object" of "bolt" chose task 9',
  );
  expect(failureOf(() => ["2"])).toThrow("chose task 2, expected some of [2, 3, 4]");
  expect(failureOf(() => Promise.resolve([2]))).toThrow(
    'chose a value of type "object", expected a list of task ids',
  );
  expect(failureOf(() => {
    throw new RangeError("mine");
  })).toThrow("mine");
});

test("emitDirect() names the component of a wrong task and who may be named", () => {
  const direct = (task: number, stream: string) => () => {
    const builder = new TopologyBuilder("direct");
    let collector: SpoutOutputCollector | undefined;
    builder.setSpout("source", {
      open: (_config, _context, given) => void (collector = given),
      nextTuple: () => void collector?.emitDirect(task, stream, [1]),
      declareOutputFields: (to) => {
        to.declare(["number"]);
        to.declareStream("named", ["number"]);
      },
    });
    builder.setBolt("any", { execute() {} }, 2).shuffleGrouping("source");
    builder.setBolt("left", { execute() {} }, 2).directGrouping("source", "named");
    builder.setBolt("right", { execute() {} }).directGrouping("source", "named");
    new TaskBench(builder.createTopology(), 1).turns(2);
  };
  expect(direct(4, "named")).not.toThrow();
  expect(direct(2, "named")).toThrow(
    'Emit from "source" to task 2 on stream "named": found a task of "any", which does not ' +
      'subscribe by direct grouping, expected one of [4, 5] of "left" or [6] of "right"',
  );
  expect(direct(77, "named")).toThrow("found no such task, expected one of [4, 5]");
  expect(direct(4, "default")).toThrow("expected a bolt that does, by directGrouping()");
});

test("emitDirect() gives bolts of other groupings their copies too, and those of a custom one none", () => {
  const builder = new TopologyBuilder("direct");
  const chosen: (readonly number[])[] = [];
  builder.setSpout("source", {
    open(_config, _context, collector) {
      chosen.push(collector.emitDirect(8, ["a"]), collector.emitDirect(8, ["a"], "id"));
      chosen.push(collector.emit(["a"]));
    },
    nextTuple() {},
    declareOutputFields: (to) => to.declare(["word"]),
  });
  const bolt = () => ({ execute() {} });
  builder.setBolt("all", bolt(), 2).allGrouping("source");
  builder.setBolt("fields", bolt(), 2).fieldsGrouping("source", ["word"]);
  builder.setBolt("custom", bolt(), 2).customGrouping("source", {
    prepare() {},
    chooseTasks: () => [6],
  });
  builder.setBolt("direct", bolt(), 2).directGrouping("source");
  const bench = new TaskBench(builder.createTopology(), 1);
  bench.turns();
  const byFields = chosen[0]?.[2] ?? 0;
  expect([4, 5]).toContain(byFields);
  expect(chosen).toEqual([[2, 3, byFields, 8], [2, 3, byFields, 8], [2, 3, byFields, 6]]);
  const sentTo = (task: number) => bench.take(task).map(({ body }) => body);
  for (const task of [2, 3, byFields, 6, 8]) {
    expect([task, sentTo(task)]).toEqual([task, [PACKET_FIELD.marker, PACKET_FIELD.batch]]);
  }
  for (const task of [9 - byFields, 7, 9]) {
    expect([task, sentTo(task)]).toEqual([task, [PACKET_FIELD.marker]]);
  }
});
