/**
 * What a view shows and how keys change it: the page, the chosen component, the
 * order, a pause. No terminal here; `screen.ts` makes lines of it.
 */

import {
  type Detail,
  type ErrorRow,
  type Figures,
  noFigures,
  type TopologyFacts,
} from "./figures.ts";
import { mergeErrors, sameError } from "./error_rows.ts";
import type { ScreenSize } from "./frame_painter.ts";
import type { Key } from "./keys.ts";
import { OutputLines } from "./output_lines.ts";
import { columnsShown, sortRows } from "./row_columns.ts";
import { pageRows, scrollMax } from "./scrolling.ts";
import type { Page, Phase, ViewState } from "./view_state.ts";

/** What a key asks of the run itself. */
export type Wish = "stop" | "suspend" | "repaint";

/** When and where a key was pressed. */
export interface KeyPlace {
  readonly nowMs: number;
  readonly size: ScreenSize;
}

const CRASHES_MAX = 50;
const SCROLL_STEP = 10;

/** What a pause stops. */
type Present = Pick<ViewState, "figures" | "errors" | "output" | "upMs" | "figuresAgeMs">;

/** The state of a view. */
export class LiveModel {
  readonly #facts: TopologyFacts;
  readonly #output = new OutputLines();
  #figures: Figures;
  #crashes: ErrorRow[] = [];
  #figuresAtMs: number | undefined;
  #frozen: Present | undefined;
  #phase: Phase = "starting";
  #notice = "";
  #place = "";
  #runningSinceMs: number | undefined;
  #page: Page = "main";
  /** The pages that lead to this one, the first is the main page. */
  #back: readonly Page[] = [];
  #chosen: string | undefined;
  #sortedBy: string | undefined;
  #isReversed = false;
  #offset = 0;

  /** A view of a topology that starts. */
  constructor(facts: TopologyFacts) {
    this.#facts = facts;
    this.#figures = noFigures(facts);
    this.#chosen = facts.components[0]?.name;
  }

  /** What is asked of the topology master for this page. */
  get detail(): Detail {
    if (this.#page === "processes") return { type: "processes" };
    const name = this.#chosen;
    return this.#page === "component" && name !== undefined
      ? { type: "component", name }
      : { type: "none" };
  }

  /** The lines of user code. */
  get output(): OutputLines {
    return this.#output;
  }

  /** New figures, with what was asked for besides the components: the page may be another by now. */
  take(figures: Figures, detail: Detail, nowMs: number): void {
    this.#figures = isSameDetail(detail, this.detail) ? figures : withoutDetail(figures);
    this.#figuresAtMs = nowMs;
  }

  /** A process ended by an error and starts again. */
  crashed(error: ErrorRow): void {
    const same = this.#crashes.find((one) => sameError(one, error));
    const times = (same?.times ?? 0) + 1;
    this.#crashes = [{ ...error, times }, ...this.#crashes.filter((one) => one !== same)]
      .slice(0, CRASHES_MAX);
  }

  /** The topology runs since `nowMs`. */
  running(nowMs: number): void {
    this.#phase = "running";
    this.#runningSinceMs = nowMs;
  }

  /** Its spouts are asked for tuples, or are not. */
  activated(isActive: boolean): void {
    this.#phase = isActive ? "running" : "deactivated";
  }

  /** Not all tasks run, again or still. */
  starting(): void {
    this.#phase = "starting";
  }

  /** It was asked to end. */
  ending(): void {
    this.#phase = "ending";
  }

  /** What is known of the job in which it runs, in words. */
  placed(place: string): void {
    this.#place = place;
  }

  /** Shows a note until the next key. */
  note(text: string): void {
    this.#notice = text;
  }

  /** A key was pressed; returns what it asks of the run. */
  press(key: Key, place: KeyPlace): Wish | undefined {
    this.#notice = "";
    switch (key) {
      case "q":
      case "ctrl_c":
        return "stop";
      case "ctrl_z":
        return "suspend";
      case "ctrl_l":
        return "repaint";
      case " ":
        return this.#pause(place.nowMs);
      case "s":
      case ">":
        return this.#sort(1, place.size.columns);
      case "<":
        return this.#sort(-1, place.size.columns);
      case "r":
        if (this.#isSorted) this.#isReversed = !this.#isReversed;
        return undefined;
      case "p":
        return this.#open("processes");
      case "o":
        return this.#open("output");
      case "e":
        return this.#open("errors");
      case "?":
      case "h":
        return this.#open("help");
      case "enter":
      case "right":
        return this.#page === "main" ? this.#open("component") : undefined;
      case "escape":
      case "backspace":
      case "left":
        return this.#close();
      default:
        return this.#move(key, place);
    }
  }

  /** What there is to draw at `nowMs`. */
  stateAt(nowMs: number): ViewState {
    return {
      facts: this.#facts,
      phase: this.#phase,
      notice: this.#notice,
      place: this.#place,
      page: this.#page,
      chosen: this.#chosen,
      sortedBy: this.#sortedBy,
      isReversed: this.#isReversed,
      isPaused: this.#frozen !== undefined,
      offset: this.#offset,
      ...(this.#frozen ?? this.#presentAt(nowMs)),
    };
  }

  #presentAt(nowMs: number): Present {
    const sinceMs = this.#runningSinceMs ?? nowMs;
    return {
      figures: this.#figures,
      errors: mergeErrors(this.#crashes, this.#figures.errors),
      output: this.#output.snapshot(),
      upMs: nowMs - sinceMs,
      figuresAgeMs: nowMs - (this.#figuresAtMs ?? sinceMs),
    };
  }

  /** Freezes what is shown, or lets it go on. */
  #pause(nowMs: number): undefined {
    this.#frozen = this.#frozen === undefined ? this.#presentAt(nowMs) : undefined;
    return undefined;
  }

  #open(page: Page): undefined {
    // The same key leads back.
    if (page === this.#page) return this.#close();
    const at = this.#back.indexOf(page);
    this.#back = at < 0 ? [...this.#back, this.#page] : this.#back.slice(0, at);
    this.#show(page);
    return undefined;
  }

  #close(): undefined {
    const page = this.#back.at(-1) ?? "main";
    this.#back = this.#back.slice(0, -1);
    this.#show(page);
    return undefined;
  }

  #show(page: Page): void {
    this.#page = page;
    this.#offset = 0;
    // A pause is of one page.
    this.#frozen = undefined;
    // Those of the page before are of another component.
    this.#figures = withoutDetail(this.#figures);
  }

  /** Whether the page has rows in an order that keys change. */
  get #isSorted(): boolean {
    return this.#page === "main" || this.#page === "component";
  }

  /** In the plan's order, then by each column that is seen. */
  #sort(step: number, columns: number): undefined {
    if (!this.#isSorted) return undefined;
    const ids = [undefined, ...columnsShown(columns, this.#page === "component")];
    // By a column that is not seen here: as in the plan's order.
    const at = Math.max(0, ids.indexOf(this.#sortedBy)) + step;
    this.#sortedBy = ids[(at + ids.length) % ids.length];
    return undefined;
  }

  #move(key: Key, { nowMs, size }: KeyPlace): undefined {
    const steps = STEPS.get(key);
    if (steps === undefined) return undefined;
    if (this.#page === "main") this.#choose(steps);
    else {
      const state = this.stateAt(nowMs);
      const max = scrollMax(state, pageRows(state, size));
      // Output is read backwards, from the newest line.
      const forward = this.#page === "output" ? -steps : steps;
      // There may have been more when it was scrolled.
      this.#offset = Math.max(0, Math.min(Math.min(this.#offset, max) + forward, max));
    }
    return undefined;
  }

  #choose(steps: number): void {
    const { figures } = this.#frozen ?? { figures: this.#figures };
    const rows = sortRows(figures.components, this.#sortedBy, this.#isReversed);
    const at = rows.findIndex(({ name }) => name === this.#chosen);
    const next = Math.min(rows.length - 1, Math.max(0, at + steps));
    this.#chosen = rows[next]?.name ?? this.#chosen;
  }
}

const STEPS: ReadonlyMap<Key, number> = new Map([
  ["up", -1],
  ["k", -1],
  ["down", 1],
  ["j", 1],
  ["page_up", -SCROLL_STEP],
  ["page_down", SCROLL_STEP],
  ["home", -1e9],
  ["end", 1e9],
]);

/** Whether both ask for the same. */
export function isSameDetail(one: Detail, other: Detail): boolean {
  if (one.type === "component") return other.type === "component" && one.name === other.name;
  return one.type === other.type;
}

function withoutDetail(figures: Figures): Figures {
  return { ...figures, tasks: [], processes: [], hasMore: false };
}
