/** A topology under test: virtual time, faults and what was seen. */

import { Config, type Topology } from "../api/mod.ts";
import { HeronError, nearestName, systemClock } from "../base/mod.ts";
import type { CodePlace, TaskCode, TaskPlace } from "../simulator/mod.ts";
import { type MockInput, mockInputs, MockSpout } from "./mock_spout.ts";
import type { MockTuple, RunLimit, TestTopologyOptions } from "./options.ts";
import { FollowedCalls } from "./followed_calls.ts";
import { shown } from "./own_frames.ts";
import { PlannedFaults } from "./planned_faults.ts";
import { recordCode } from "./recorded_code.ts";
import {
  type AckedTuple,
  type FailedTuple,
  Records,
  type ReportedError,
  type TestInput,
  type TestOutput,
} from "./records.ts";
import { seedOfProcess } from "./seed.ts";
import { definitionOf, TestCluster } from "./test_cluster.ts";
import { TopologyCopies, type UserTopology } from "./topology_copies.ts";
import { UserWaits } from "./user_waits.ts";

/** Below the time-out of a test of bun:test, so that this one speaks first. */
const REAL_TIME_LIMIT_MS = 4_000;
/** Ten minutes. */
const LIMIT_MS = 600_000;
/** Nothing has happened for so long, in virtual ms: nothing will, but by time-outs and ticks. */
const IDLE_MS = 100;

/**
 * Starts `topology` in this process, on virtual time: all tasks are open when it resolves, at time 0,
 * and nothing goes on until the test lets time pass.
 *
 * It runs on the same cores as `heron-bin run` does: groupings, encoding, acks, time-outs, ticks and
 * back pressure are the real ones. What is not: all tasks share this process, hence global variables;
 * `Date.now`, `Math.random` and timers of user code are the machine's. A call that waits for one is
 * waited for, and takes no virtual time.
 *
 * @throws HeronError "invalid_topology", "invalid_config" as `heron-bin check` does; "user_code" with
 *   what user code threw, "cleanup_failed" with what `close` and `cleanup` did
 * @throws TypeError for several tasks that would share an object: where the topology is built already,
 *   or its function gives the same object again
 *
 * @example
 * ```ts
 * import { createTestTopology, expect, test } from "heron-bin/testing";
 * import wordCount from "./word_count.ts";
 *
 * test("counts words", async () => {
 *   await using topology = await createTestTopology(wordCount, {
 *     mockSpouts: { text: [["to be or not to be"]] },
 *   });
 *   await topology.run();
 *   expect(topology.values("split")).toContainEqual(["be"]);
 * });
 * ```
 */
export async function createTestTopology(
  topology: UserTopology,
  options: TestTopologyOptions = {},
): Promise<TestTopology> {
  const copies = await TopologyCopies.open(topology, options.args ?? []);
  const test = new RunningTopology(copies, options);
  await test.start();
  return test;
}

/** A running topology, from `createTestTopology`. Use it with `await using`, which closes its tasks. */
export interface TestTopology extends AsyncDisposable {
  /** Virtual time since all tasks were open, in ms. */
  readonly nowMs: number;
  /** All tasks have ended. */
  readonly hasEnded: boolean;
  /**
   * Lets time pass until the topology has ended, as it does when its spouts have called
   * `collector.end()`; mocked spouts end behind what they were given. Then tasks are closed.
   * @throws HeronError "user_code" with what user code threw; "timeout" when it does not end;
   *   "stalled" when tasks wait for each other in a circle
   */
  run(limit?: RunLimit): Promise<void>;
  /** Lets `ms` of virtual time pass. @throws HeronError as `run` does */
  advance(ms: number): Promise<void>;
  /**
   * Lets time pass until nothing is under way: no call, no tuple, nothing that starts again. What only
   * time brings (ticks, message time-outs) is not waited for.
   * @throws HeronError as `run` does
   */
  idle(limit?: RunLimit): Promise<void>;
  /** What `component` emitted, in the order of time; on all streams or on one. @throws RangeError for an unknown component */
  outputs(component: string, stream?: string): readonly TestOutput[];
  /** The values of `outputs`. */
  values(component: string, stream?: string): readonly (readonly unknown[])[];
  /** What bolt `component` was given, without ticks and what was failed by `fail`. */
  inputs(component: string): readonly TestInput[];
  /** The tuples of a spout that were handled. */
  acked(spout: string): readonly AckedTuple[];
  /** The tuples of a spout that failed, each time they did. */
  failed(spout: string): readonly FailedTuple[];
  /** What `component` reported by `collector.reportError`. */
  errors(component: string): readonly ReportedError[];
  /** Emits from a mocked spout as soon as time passes. @throws RangeError when `spout` is not mocked */
  emit(spout: string, ...tuples: readonly MockTuple[]): void;
  /** The next `times` tuples that come to `bolt` fail without its being called. @default times: 1 */
  fail(bolt: string, times?: number): void;
  /** Each tuple takes `bolt` so much virtual time from now on, in ms. */
  delay(bolt: string, ms: number): void;
  /** Kills a task as by kill -9: what it held is lost; a new one is started at once. @default index: 0 */
  crash(component: string, index?: number): Promise<void>;
  /** Cuts the link between two worker containers, counted from 1: what is on the way is lost. It is dialled again. */
  cut(firstContainer: number, secondContainer: number): void;
}

class RunningTopology implements TestTopology {
  readonly #records = new Records();
  readonly #faults = new PlannedFaults();
  readonly #mocks: ReadonlyMap<string, MockInput>;
  readonly #waits: UserWaits;
  readonly #copies: TopologyCopies;
  readonly #cluster: TestCluster;
  /** In which method a task threw last. */
  readonly #threwIn = new Map<number, string>();
  #isOpen = false;
  #isClosed = false;

  constructor(copies: TopologyCopies, options: TestTopologyOptions) {
    this.#copies = copies;
    const { realTimeLimitMs = REAL_TIME_LIMIT_MS } = options;
    const definition = definitionOf(copies.first.definition, options);
    this.#waits = new UserWaits({
      clock: systemClock,
      limitMs: realTimeLimitMs,
      overdue: (call) => this.#overdue(call, realTimeLimitMs),
    });
    this.#cluster = new TestCluster({
      seed: options.seed ?? seedOfProcess(),
      definition,
      hosting: {
        create: (_run, place) => this.#createCode(place),
        reported: (_run, taskId, { message, stack, count }) => {
          const told = { message, stack, count, atMs: this.nowMs };
          this.#records.errors.push({ ...this.#taskOf(taskId), ...told });
        },
        threw: (taskId, thrown) => this.#failureOf(taskId, thrown),
      },
      between: () => this.#waits.between(),
    });
    this.#mocks = mockInputs(options.mockSpouts ?? {}, {
      tasksOf: (spout) => this.#mocked(spout),
      isFollowed: definition.config[Config.TOPOLOGY_RELIABILITY_MODE] !== "ATMOST_ONCE",
    });
  }

  /** The tasks of the spout `name`. */
  #mocked(name: string): number {
    if (this.#component(name).kind === "spout") return this.#cluster.tasksOf(name).length;
    throw new TypeError(`Mock "${name}": found a bolt, expected a spout`);
  }

  async start(): Promise<void> {
    const { components } = this.#copies.first.definition;
    const several = components.filter(({ parallelism }) => parallelism > 1);
    const tasks = components.reduce((sum, { parallelism }) => sum + parallelism, 0);
    await this.#copies.prepare(tasks, this.#called(several.map(({ name }) => name)));
    await this.#cluster.start();
  }

  /** Those of `components` whose objects are called: of mocked ones they are not. */
  #called(components: readonly string[]): ReadonlySet<string> {
    return new Set(components.filter((name) => !this.#mocks.has(name)));
  }

  /** What a life of a task runs: a copy of the topology, of which only its component is called. */
  #createCode(place: TaskPlace): TaskCode {
    const copy = this.#copies.take();
    const calls = new FollowedCalls({
      task: this.#taskOf(place.taskId),
      waits: this.#waits,
      threw: (method) => this.#threwIn.set(place.taskId, method),
    });
    return {
      ...copy,
      taskHooks: copy.taskHooks.map((create) => () => calls.hook(create())),
      component: (name) => this.#recorded(copy, { ...place, component: name }, calls),
    };
  }

  #recorded(topology: Topology, place: CodePlace, calls: FollowedCalls) {
    const { component, taskId } = place;
    const mock = this.#mocks.get(component);
    return recordCode({
      user: mock === undefined ? topology.component(component) : new MockSpout(mock),
      task: this.#taskOf(taskId),
      place,
      records: this.#records,
      faults: this.#faults,
      waits: this.#waits,
      calls,
      nowMs: () => this.nowMs,
    });
  }

  #taskOf(task: number) {
    for (const { name } of this.#copies.first.definition.components) {
      const taskIndex = this.#cluster.tasksOf(name).indexOf(task);
      if (taskIndex >= 0) return { component: name, task, taskIndex };
    }
    throw new RangeError(`Look up task ${task}: not found`);
  }

  #failureOf(taskId: number, thrown: unknown): HeronError {
    const text = `Run "${this.#taskOf(taskId).component}": ${this.#thrownIn(taskId, thrown)}`;
    return new HeronError("user_code", text, { cause: thrown });
  }

  #thrownIn(taskId: number, thrown: unknown): string {
    const { component, taskIndex } = this.#taskOf(taskId);
    const method = this.#threwIn.get(taskId);
    const text = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    const where = method === undefined ? "" : ` in ${method}`;
    return `task ${taskId} (${component}[${taskIndex}]) threw${where}: ${text}`;
  }

  #overdue(call: string, limitMs: number): void {
    this.#cluster.fail(
      new HeronError(
        "timeout",
        `Wait for ${call}: found no answer after ${limitMs} ms of real time, expected its ` +
          "promise to be settled (realTimeLimitMs)",
      ),
    );
  }

  get nowMs(): number {
    return this.#cluster.nowMs;
  }

  get hasEnded(): boolean {
    return this.#cluster.hasEnded;
  }

  #open(): void {
    if (this.#isClosed) throw new TypeError("Let time pass: found a topology that is closed");
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#cluster.open();
  }

  run(limit: RunLimit = {}): Promise<void> {
    return shown(this.#run(limit));
  }

  async #run({ limitMs = LIMIT_MS }: RunLimit): Promise<void> {
    for (const mock of this.#mocks.values()) mock.hasEnded = true;
    this.#open();
    await this.#cluster.untilEnded(limitMs);
    if (!this.hasEnded) {
      const tasks = this.#cluster.unended.map((task) => this.#taskOf(task));
      const names = tasks.map(({ component, taskIndex }) => `${component}[${taskIndex}]`);
      throw new HeronError(
        "timeout",
        `Run the topology to its end: found ${names.join(", ")} going on after ${limitMs} ms of ` +
          'virtual time, expected every spout to call "collector.end()"; ' +
          '"advance" and "idle" are for topologies without an end',
      );
    }
    await this.#close();
  }

  advance(ms: number): Promise<void> {
    return shown(this.#advance(ms));
  }

  async #advance(ms: number): Promise<void> {
    if (!(ms >= 0)) throw new RangeError(`Let time pass: found ${ms} ms, expected 0 or more`);
    this.#open();
    await this.#cluster.advance(ms);
  }

  idle(limit: RunLimit = {}): Promise<void> {
    return shown(this.#idle(limit));
  }

  async #idle({ limitMs = LIMIT_MS }: RunLimit): Promise<void> {
    this.#open();
    const limit = this.nowMs + limitMs;
    for (;;) {
      const before = this.#records.activity;
      await this.#cluster.advance(IDLE_MS);
      if (this.hasEnded) return;
      const isWaiting = [...this.#mocks.values()].some((mock) => mock.isWaiting);
      if (!isWaiting && this.#cluster.isQuiet && this.#records.activity === before) return;
      if (this.nowMs <= limit) continue;
      throw new HeronError(
        "timeout",
        `Wait until nothing happens: found the topology at work after ${limitMs} ms of virtual ` +
          'time, expected its spouts to have nothing to emit; "advance" is for those that go on',
      );
    }
  }

  outputs(component: string, stream?: string): readonly TestOutput[] {
    const { name } = this.#component(component);
    return this.#records.outputs.filter((one) =>
      one.component === name && (stream === undefined || one.stream === stream)
    );
  }

  values(component: string, stream?: string): readonly (readonly unknown[])[] {
    return this.outputs(component, stream).map(({ values }) => values);
  }

  inputs(component: string): readonly TestInput[] {
    return this.#of(this.#records.inputs, component);
  }

  acked(spout: string): readonly AckedTuple[] {
    return this.#of(this.#records.acked, spout);
  }

  failed(spout: string): readonly FailedTuple[] {
    return this.#of(this.#records.failed, spout);
  }

  errors(component: string): readonly ReportedError[] {
    return this.#of(this.#records.errors, component);
  }

  #of<Record extends { readonly component: string }>(
    records: readonly Record[],
    component: string,
  ): readonly Record[] {
    const { name } = this.#component(component);
    return records.filter((one) => one.component === name);
  }

  emit(spout: string, ...tuples: readonly MockTuple[]): void {
    const mock = this.#mocks.get(spout);
    if (mock === undefined) {
      this.#component(spout);
      throw new RangeError(
        `Emit from "${spout}": found a component that is not mocked, expected it among mockSpouts`,
      );
    }
    for (const tuple of tuples) mock.add(tuple);
  }

  fail(bolt: string, times = 1): void {
    this.#faults.fail(this.#bolt(bolt), times);
  }

  delay(bolt: string, ms: number): void {
    this.#faults.delay(this.#bolt(bolt), ms);
  }

  async crash(component: string, index = 0): Promise<void> {
    this.#component(component);
    this.#copies.checkAgain();
    await this.#copies.prepare(1, this.#called([component]));
    this.#cluster.crash(component, index);
  }

  cut(firstContainer: number, secondContainer: number): void {
    this.#cluster.cut(firstContainer, secondContainer);
  }

  #component(name: string) {
    const { components } = this.#copies.first.definition;
    const found = components.find((one) => one.name === name);
    if (found !== undefined) return found;
    const names = components.map((one) => one.name);
    const nearest = nearestName(name, names);
    throw new RangeError(
      `Look up component "${name}": not found, expected one of ${names.join(", ")}` +
        (nearest === undefined ? "" : ` (did you mean "${nearest}"?)`),
    );
  }

  #bolt(name: string): string {
    if (this.#component(name).kind === "bolt") return name;
    throw new TypeError(`Plan a fault of "${name}": found a spout, expected a bolt`);
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const faults = await this.#cluster.close();
    if (faults.size === 0) return;
    const told = [...faults].map(([taskId, thrown]) => this.#thrownIn(taskId, thrown));
    const [cause] = faults.values();
    throw new HeronError("cleanup_failed", `Close the tasks: ${told.join("; ")}`, { cause });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
