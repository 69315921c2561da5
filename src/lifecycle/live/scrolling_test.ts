import { expect, test } from "bun:test";
import { FACTS } from "../../../tests/support/live_figures.ts";
import { noFigures } from "./figures.ts";
import { LiveModel } from "./live_model.ts";
import { screenOf } from "./screen.ts";
import { pageRows, scrollMax } from "./scrolling.ts";
import { textOf } from "./styled.ts";
import type { Page, ViewState } from "./view_state.ts";

const COUNT = 40;
const PAGES: readonly Page[] = ["component", "processes", "output", "errors", "help"];

/** A page with more than fits. */
function stateOf(page: Page): ViewState {
  const model = new LiveModel(FACTS);
  const figures = noFigures(FACTS);
  const [row] = figures.components;
  if (row === undefined) throw new Error("no component");
  const all = Array.from({ length: COUNT }, (_, number) => number);
  const process = { container: 1, processes: 1, residentBytes: 0, cpu: 0 };
  const lines = all.map((number) => ({
    number,
    component: "split",
    componentIndex: 0,
    isError: false,
    text: `<${number}>`,
  }));
  return {
    ...model.stateAt(0),
    page,
    figures: {
      ...figures,
      tasks: all.map((number) => ({ ...row, name: `<${number}>` })),
      processes: all.map((number) => ({ ...process, name: `<${number}>`, memoryBytes: -number })),
    },
    errors: all.map((number) => ({
      who: `<${number}>`,
      component: "",
      message: "",
      where: "",
      times: 1,
      lastMs: 0,
    })),
    output: {
      taken: COUNT,
      kept: lines,
      last: (count, { skipped = 0 } = {}) =>
        lines.slice(Math.max(0, COUNT - skipped - count), COUNT - skipped),
    },
  };
}

test("scrollMax() leads to the last row, and each step before it changes the screen", () => {
  for (const rows of [12, 24, 40]) {
    const size = { columns: 80, rows };
    for (const page of PAGES) {
      const state = stateOf(page);
      const max = scrollMax(state, pageRows(state, size));
      const shown = (offset: number): string =>
        screenOf({ ...state, offset }, size).map(textOf).join("\n");
      for (let offset = 0; offset < max; offset++) {
        expect(shown(offset)).not.toBe(shown(offset + 1));
      }
      expect(shown(max + 1)).toBe(shown(max));
      if (page === "output") expect(shown(max)).toContain("<0>");
      else if (page !== "help") expect(shown(max)).toContain(`<${COUNT - 1}>`);
    }
  }
});
