import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { answersOf, FACTS, tasksAnswer } from "../../../tests/support/live_figures.ts";
import { OutputSchema } from "../../base/gen/heron_bin/packet_pb.ts";
import { figuresOf } from "./figures.ts";
import { errorRowOf, LiveModel } from "./live_model.ts";

const NONE = { type: "none" } as const;

function openModel() {
  const model = new LiveModel(FACTS);
  model.running(1000);
  model.take(figuresOf(FACTS, answersOf(), NONE), NONE);
  const press = (...keys: string[]) =>
    keys.map((key) => model.press(key, { nowMs: 2000, columns: 80 })).at(-1);
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
  model.take(figures, detail);
  expect(state().figures.tasks).toEqual([]);
  press("down", "enter");
  model.take(figures, detail);
  expect(state().figures.tasks).toHaveLength(2);
  press("escape", "up", "enter");
  model.take(figures, detail);
  expect(state().figures.tasks).toEqual([]);
});

test("LiveModel sorts by the columns that are seen, round and back", () => {
  const { press, state } = openModel();
  press("s", "s");
  expect(state().sortedBy).toBe("emit");
  press("<", "<", "<");
  expect(state().sortedBy).toBe("pressure");
  press(">");
  expect(state().sortedBy).toBeUndefined();
});

test("LiveModel pauses what is shown, and goes on with all that came", () => {
  const { model, press, state } = openModel();
  press(" ");
  model.output.take(create(OutputSchema, { component: "count", lines: ["late"] }));
  model.take(figuresOf(FACTS, [], NONE), NONE);
  const paused = model.stateAt(9000);
  expect(paused).toMatchObject({ isPaused: true, upMs: 1000, outputEnd: 0 });
  expect(paused.figures.components[0]?.emit).toBe(5000);
  press(" ");
  expect(state()).toMatchObject({ isPaused: false, outputEnd: 1 });
  expect(state().figures.components[0]?.emit).toBeUndefined();
  press(" ", "o");
  expect(state().isPaused).toBe(false);
});

test("LiveModel leads back where a page was opened from, also by its own key", () => {
  const { press, state } = openModel();
  press("enter", "o");
  expect(state().page).toBe("output");
  press("o");
  expect(state().page).toBe("component");
  press("?", "h");
  expect(state().page).toBe("component");
  press("left", "p", "e", "escape");
  expect(state().page).toBe("main");
});

test("LiveModel scrolls within what there is, output from its end", () => {
  const { model, press, state } = openModel();
  model.output.take(create(OutputSchema, { component: "count", lines: ["1", "2", "3"] }));
  press("o", "up", "up");
  expect(state().offset).toBe(2);
  press("home");
  expect(state().offset).toBe(3);
  press("page_down");
  expect(state().offset).toBe(0);
});

test("press() asks the run for what a view cannot do itself", () => {
  const { press } = openModel();
  expect(["q", "ctrl_c", "ctrl_z", "ctrl_l", "x", "tab"].map((key) => press(key))).toEqual(
    ["stop", "stop", "suspend", "repaint", undefined, undefined],
  );
});

test("LiveModel counts crashes of one place, before the errors that were reported", () => {
  const { model, press, state } = openModel();
  const crash = errorRowOf({
    component: "count",
    index: 1,
    message: "Error: x",
    stack: ["at execute (topology.ts:1:2)"],
  });
  model.crashed(crash);
  model.crashed(errorRowOf({ process: "stmgr-1", message: "died", component: null }));
  model.crashed(crash);
  expect(state().errors.map(({ who, where, times }) => [who, where, times])).toEqual([
    ["count[1]", "at execute (topology.ts:1:2)", 2],
    ["stmgr-1", "", 1],
    ["split[1]", "at execute (topology.ts:8:29)", 2],
  ]);
  model.note("ending");
  expect(state().notice).toBe("ending");
  press("up");
  expect(state().notice).toBe("");
  model.ending();
  expect(state().phase).toBe("ending");
});
