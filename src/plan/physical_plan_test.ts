import { expect, test } from "bun:test";
import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type DrawOptions, drawTopology } from "../../tests/support/definitions.ts";
import { PhysicalPlanSchema } from "../base/gen/heron/physical_plan_pb.ts";
import { PlanUpdateSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { HeronError } from "../base/mod.ts";
import { logicalPlanToProto } from "./logical_plan.ts";
import { PhysicalPlan } from "./physical_plan.ts";

type PlanInit = MessageInitShape<typeof PhysicalPlanSchema>;

interface UpdateOptions extends DrawOptions {
  readonly containers?: number;
  readonly change?: (plan: PlanInit) => PlanInit;
}

/** Tasks are dealt to the containers in turn; in the record they are in reverse. */
function updateOf(edges: string, options: UpdateOptions = {}) {
  const definition = drawTopology(edges, options);
  const containers = options.containers ?? 2;
  const tasks = definition.components.flatMap(({ name, parallelism }) =>
    Array.from({ length: parallelism }, (_, index) => ({ name, index }))
  );
  const plan: PlanInit = {
    topology: logicalPlanToProto(definition, "drawn-1"),
    stmgrs: Array.from({ length: containers }, (_, index) => ({
      id: `stmgr-${index + 1}`,
      hostName: "localhost",
      dataPort: 4001 + index,
      localEndpoint: "/unused",
    })),
    instances: tasks.map(({ name, index }, place) => ({
      instanceId: `container_${place % containers + 1}_${name}_${place + 1}`,
      stmgrId: `stmgr-${place % containers + 1}`,
      info: { taskId: place + 1, componentIndex: index, componentName: name },
    })).toReversed(),
  };
  return create(PlanUpdateSchema, {
    planVersion: 7,
    addressVersion: 8,
    restoreEpoch: 9,
    plan: create(PhysicalPlanSchema, options.change?.(plan) ?? plan),
    tasks: [{ task: 2, incarnation: { epoch: 1, counter: 5 } }],
  });
}

const FAN = { parallelism: { s: 2, a: 3, b: 1 } };

test("PhysicalPlan knows its tasks, ascending by id", () => {
  const plan = PhysicalPlan.from(updateOf("s a, a b", FAN));
  expect(plan).toMatchObject({
    version: 7,
    addressVersion: 8,
    restoreEpoch: 9,
    keyGroups: 1024,
    topologyId: "drawn-1",
    topologyName: "drawn",
    largestTaskId: 6,
  });
  expect(plan.tasks.map(({ taskId }) => taskId)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(plan.tasksOf("a")).toEqual([3, 4, 5]);
  expect(plan.task(4)).toEqual({
    taskId: 4,
    component: "a",
    componentIndex: 1,
    containerId: 2,
    instanceId: "container_2_a_4",
    stmgrId: "stmgr-2",
    incarnation: { epoch: 0, counter: 0 },
  });
  expect(plan.stmgrs[1]).toEqual({ stmgrId: "stmgr-2", host: "localhost", port: 4002 });
  expect(plan.component("a").parallelism).toBe(3);
});

test("incarnationOf() tells which life the plan knows", () => {
  const plan = PhysicalPlan.from(updateOf("s a", FAN));
  expect(plan.incarnationOf(2)).toMatchObject({ epoch: 1, counter: 5 });
  expect(plan.incarnationOf(1)).toEqual({ epoch: 0, counter: 0 });
});

test("lookups of what is not there are a RangeError that says what there is", () => {
  const plan = PhysicalPlan.from(updateOf("s a"));
  expect(plan.has(0)).toBe(false);
  expect(() => plan.task(3)).toThrow(
    new RangeError("Look up task 3: not found, expected 1 to 2"),
  );
  expect(() => plan.tasksOf("x")).toThrow(
    new RangeError('Look up component "x": not found, expected one of [s, a]'),
  );
});

test("sourcesOf() and targetsOf() list neighbours ascending and once, and keep the list", () => {
  const plan = PhysicalPlan.from(updateOf("s a, s a, s b, a b, b a", FAN));
  expect(plan.sourcesOf(1)).toEqual([]);
  expect(plan.targetsOf(1)).toEqual([3, 4, 5, 6]);
  expect(plan.sourcesOf(3)).toEqual([1, 2, 6]);
  expect(plan.targetsOf(6)).toEqual([3, 4, 5]);
  expect(plan.sourcesOf(4)).toBe(plan.sourcesOf(3));
});

test("alignmentSourcesOf() leaves out those behind in a cycle", () => {
  const plan = PhysicalPlan.from(updateOf("s a, a b, b a", FAN));
  expect(plan.alignmentSourcesOf(3)).toEqual([1, 2]);
  expect(plan.alignmentSourcesOf(6)).toEqual([3, 4, 5]);
  expect(plan.cycleReachedFrom("s")).toBe("a → b → a");
  expect(plan.canReach("b", "a")).toBe(true);
  expect(plan.canReach("a", "s")).toBe(false);
});

test("consumersOf() lists who subscribes to a stream", () => {
  const plan = PhysicalPlan.from(updateOf("s a, s b"));
  expect(plan.consumersOf("s", "default")).toEqual([
    { component: "a", grouping: { type: "shuffle" } },
    { component: "b", grouping: { type: "shuffle" } },
  ]);
  expect(plan.consumersOf("s", "other")).toEqual([]);
});

test("tasksInContainerOf() counts the task itself and its neighbours", () => {
  const plan = PhysicalPlan.from(updateOf("s a", { parallelism: { s: 2, a: 3 } }));
  expect([1, 2, 3].map((task) => plan.tasksInContainerOf(task))).toEqual([3, 2, 3]);
});

test("PhysicalPlan takes 10,000 tasks", () => {
  const parallelism = { s: 5000, a: 5000 };
  const update = updateOf("s a", { parallelism, containers: 100 });
  const startMs = performance.now();
  const plan = PhysicalPlan.from(update);
  let neighbours = 0;
  for (const { taskId } of plan.tasks) {
    neighbours += plan.sourcesOf(taskId).length + plan.targetsOf(taskId).length +
      plan.alignmentSourcesOf(taskId).length + plan.tasksInContainerOf(taskId);
  }
  expect(neighbours).toBe(3 * 5000 * 5000 + 10_000 * 100);
  expect(plan.keyGroups).toBe(2 ** 18);
  // Some 20 ms on a quiet machine; anything quadratic takes many seconds.
  console.log(`10,000 tasks: ${(performance.now() - startMs).toFixed(0)} ms`);
});

test("PhysicalPlan.from() refuses plans that do not hang together", () => {
  const instance = (info: object, stmgrId = "stmgr-1") => (plan: PlanInit): PlanInit => {
    const instances = [{ instanceId: "x", stmgrId, info }, ...(plan.instances ?? []).slice(1)];
    return { ...plan, instances } as PlanInit; // `info` is broken on purpose
  };
  const refused = [
    [({ topology: _, ...plan }: PlanInit) => plan, "found no topology"],
    [instance({ taskId: 1, componentName: "a" }), "found task 1 twice"],
    [instance({ taskId: 0, componentName: "a" }), 'instance "x" with task 0 at "stmgr-1"'],
    [instance({ taskId: 2, componentName: "z" }), 'found task 2 of "z"'],
    [instance({ taskId: 2, componentName: "a" }, "stmgr-3"), 'found task 2 at "stmgr-3"'],
    [instance({ taskId: 2, componentName: "a" }, "other"), 'with task 2 at "other"'],
    [(plan: PlanInit) => ({ ...plan, instances: [] }), 'found 0 tasks of "s", expected its'],
  ] as const;
  for (const [change, fault] of refused) {
    const read = () => PhysicalPlan.from(updateOf("s a", { change }));
    expect(read).toThrow(HeronError);
    expect(read).toThrow("Read a physical plan: found ");
    expect(read).toThrow(fault);
  }
  expect(() => PhysicalPlan.from(create(PlanUpdateSchema))).toThrow("found no topology");
});
