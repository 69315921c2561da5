import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { answersOf, FACTS, tasksAnswer } from "../../../tests/support/live_figures.ts";
import { OutputSchema } from "../../base/gen/heron_bin/packet_pb.ts";
import { errorRowOf } from "./error_rows.ts";
import { figuresOf } from "./figures.ts";
import { isSameDetail, LiveModel } from "./live_model.ts";

const NONE = { type: "none" } as const;

function openModel() {
  const model = new LiveModel(FACTS);
  model.running(1000);
  model.take(figuresOf(FACTS, answersOf(), NONE), NONE, 1500);
  const press = (...keys: string[]) =>
    keys.map((key) => model.press(key, { nowMs: 2000, size: { columns: 80, rows: 24 } })).at(-1);
  return { model, press, state: () => model.stateAt(2000) };
}

test("LiveModel chooses a component, in the order shown, and opens its page", () => {
  const { model, press, state } = openModel();
  expect(state()).toMatchObject({ page: "main", chosen: "lines", upMs: 1000 });
  press("down");
  expect(state().chosen).toBe("split");
  press("end", "down");
  expect(state().chosen).toBe("count");
  press("r", "j");
  expect(state().chosen).toBe("split");
  press("enter");
  expect(state().page).toBe("component");
  expect(model.detail).toEqual({ type: "component", name: "split" });
  press("escape");
  expect(state().page).toBe("main");
  expect(model.detail).toEqual(NONE);
});

test("LiveModel ignores the tasks of a page that was left meanwhile", () => {
  const { model, press, state } = openModel();
  const detail = { type: "component", name: "split" } as const;
  const figures = figuresOf(FACTS, [...answersOf(), tasksAnswer()], detail);
  model.take(figures, detail, 2000);
  expect(state().figures.tasks).toEqual([]);
  press("down", "enter");
  model.take(figures, detail, 2000);
  expect(state().figures.tasks).toHaveLength(2);
  press("escape", "up", "enter");
  model.take(figures, detail, 2000);
  expect(state().figures.tasks).toEqual([]);
});

test("LiveModel sorts by the columns that are seen, round and back, where rows have an order", () => {
  const { press, state } = openModel();
  press("s", "s");
  expect(state().sortedBy).toBe("emit");
  press("<", "<", "<");
  expect(state().sortedBy).toBe("pressure");
  press(">");
  expect(state().sortedBy).toBeUndefined();
  press("s", "enter", "s");
  // The tasks of a component have no column of tasks, and one more fits.
  expect(state().sortedBy).toBe("emit");
  press("<", "<");
  expect(state().sortedBy).toBe("memory");
  for (const page of ["o", "e", "p", "?"]) press(page, "s", ">", "<", "r");
  expect(state()).toMatchObject({ sortedBy: "memory", isReversed: false });
});

test("LiveModel pauses what is shown, and goes on with all that came", () => {
  const { model, press, state } = openModel();
  const print = (line: string) =>
    model.output.take(create(OutputSchema, { component: "count", lines: [line] }));
  print("before");
  press(" ");
  for (let line = 0; line < 3000; line++) print(`late ${line}`);
  model.take(figuresOf(FACTS, [], NONE), NONE, 2000);
  const paused = model.stateAt(9000);
  expect(paused).toMatchObject({ isPaused: true, upMs: 1000, figuresAgeMs: 500 });
  expect(paused.figures.components[0]?.emit).toBe(5000);
  for (const component of [{}, { component: "count" }]) {
    expect(paused.output.last(9, component)).toMatchObject([{ text: "before" }]);
  }
  press(" ");
  expect(state()).toMatchObject({ isPaused: false, output: { taken: 3001 } });
  expect(state().figures.components[0]?.emit).toBeUndefined();
  press(" ", "o");
  expect(state().isPaused).toBe(false);
});

test("LiveModel tells how old its figures are, also before the first", () => {
  const model = new LiveModel(FACTS);
  expect(model.stateAt(500).figuresAgeMs).toBe(0);
  model.running(1000);
  expect(model.stateAt(8000).figuresAgeMs).toBe(7000);
  model.take(figuresOf(FACTS, answersOf(), NONE), NONE, 8500);
  expect(model.stateAt(9000).figuresAgeMs).toBe(500);
});

test("LiveModel leads back where a page was opened from, also by its own key", () => {
  const { press, state } = openModel();
  press("enter", "o");
  expect(state().page).toBe("output");
  press("o");
  expect(state().page).toBe("component");
  press("?", "h");
  expect(state().page).toBe("component");
  press("o", "?", "escape");
  expect(state().page).toBe("output");
  // In a round it does not lead back to each twice.
  press("e", "o", "escape");
  expect(state().page).toBe("component");
  press("left", "p", "e", "escape", "escape", "escape");
  expect(state().page).toBe("main");
});

test("LiveModel scrolls as far as there is something to see, output from its end", () => {
  const { model, press, state } = openModel();
  const lines = Array.from({ length: 30 }, (_, line) => `${line}`);
  model.output.take(create(OutputSchema, { component: "count", lines }));
  press("o", "up", "up");
  expect(state().offset).toBe(2);
  press("home");
  // 19 of them are seen at 24 rows.
  expect(state().offset).toBe(11);
  press("down");
  expect(state().offset).toBe(10);
  press("page_down");
  expect(state().offset).toBe(0);
  press("e", "end");
  expect(state().offset).toBe(0);
});

test("press() asks the run for what a view cannot do itself", () => {
  const { press } = openModel();
  expect(["q", "ctrl_c", "ctrl_z", "ctrl_l", "x", "tab"].map((key) => press(key))).toEqual(
    ["stop", "stop", "suspend", "repaint", undefined, undefined],
  );
});

test("LiveModel counts crashes of one place, and shows the newest error first", () => {
  const { model, state } = openModel();
  const crashAt = (wallMs: number) =>
    errorRowOf({
      component: "count",
      index: 1,
      message: "Error: x",
      stack: ["at execute (topology.ts:1:2)"],
    }, wallMs);
  model.crashed(crashAt(1));
  model.crashed(errorRowOf({ process: "stmgr-1", message: "died", component: null }, 1.8e12));
  model.crashed(crashAt(2));
  expect(state().errors.map(({ who, where, times }) => [who, where, times])).toEqual([
    ["stmgr-1", "", 1],
    // Reported.
    ["split[1]", "at execute (topology.ts:8:29)", 2],
    ["count[1]", "at execute (topology.ts:1:2)", 2],
  ]);
});

test("LiveModel shows a note until the next key, and that the run ends", () => {
  const { model, press, state } = openModel();
  model.note("ending");
  expect(state().notice).toBe("ending");
  press("up");
  expect(state().notice).toBe("");
  model.ending();
  expect(state().phase).toBe("ending");
});

test("isSameDetail() compares what is asked for, and of which component", () => {
  const split = { type: "component", name: "split" } as const;
  expect(isSameDetail(NONE, { type: "none" })).toBe(true);
  expect(isSameDetail(NONE, { type: "processes" })).toBe(false);
  expect(isSameDetail(split, { ...split })).toBe(true);
  expect(isSameDetail(split, { ...split, name: "count" })).toBe(false);
  expect(isSameDetail(split, NONE)).toBe(false);
});
