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
import type { Key } from "./keys.ts";
import { OutputLines } from "./output_lines.ts";
import { columnsShown, ROW_COLUMNS, sortRows } from "./row_columns.ts";

/** What a screen shows. */
export type Page = "main" | "component" | "processes" | "output" | "errors" | "help";

/** What a key asks of the run itself. */
export type Wish = "stop" | "suspend" | "repaint";

/** How a run stands, for people. */
export type Phase = "starting" | "running" | "ending";

/** What is needed to draw one screen. */
export interface ViewState {
  readonly facts: TopologyFacts;
  readonly figures: Figures;
  readonly output: OutputLines;
  /** Errors that ended a process, the newest first, and those of the figures behind. */
  readonly errors: readonly ErrorRow[];
  readonly phase: Phase;
  /** Since the topology runs, in milliseconds. */
  readonly upMs: number;
  /** The last thing that was noted, if it is new. */
  readonly notice: string;
  readonly page: Page;
  /** The component that is chosen, or whose page it is. */
  readonly chosen: string | undefined;
  readonly sortedBy: string | undefined;
  readonly isReversed: boolean;
  readonly isPaused: boolean;
  /** The line of output before which the display stands while it is paused. */
  readonly outputEnd: number;
  /** Lines or rows that were scrolled by. */
  readonly offset: number;
}

/** When and where a key was pressed. */
export interface KeyPlace {
  readonly nowMs: number;
  /** Width of the screen, in cells. */
  readonly columns: number;
}

const CRASHES_MAX = 50;
const SCROLL_STEP = 10;

/** The state of a view. */
export class LiveModel {
  readonly #facts: TopologyFacts;
  readonly #output = new OutputLines();
  #figures: Figures;
  #crashes: ErrorRow[] = [];
  #frozen: Pick<ViewState, "figures" | "errors" | "outputEnd" | "upMs"> | undefined;
  #phase: Phase = "starting";
  #notice = "";
  #runningSinceMs: number | undefined;
  #page: Page = "main";
  #back: Page = "main";
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
  take(figures: Figures, detail: Detail): void {
    const now = this.detail;
    const isAsked = detail.type === now.type &&
      (detail.type !== "component" || (now.type === "component" && detail.name === now.name));
    this.#figures = isAsked ? figures : { ...figures, tasks: [], processes: [] };
  }

  /** A process ended by an error and starts again. */
  crashed(error: ErrorRow): void {
    const same = this.#crashes.find((one) =>
      one.who === error.who && one.message === error.message && one.where === error.where
    );
    const times = (same?.times ?? 0) + 1;
    this.#crashes = [{ ...error, times }, ...this.#crashes.filter((one) => one !== same)]
      .slice(0, CRASHES_MAX);
  }

  /** The topology runs since `nowMs`. */
  running(nowMs: number): void {
    this.#phase = "running";
    this.#runningSinceMs = nowMs;
  }

  /** It was asked to end. */
  ending(): void {
    this.#phase = "ending";
  }

  /** Shows a note until the next key. */
  note(text: string): void {
    this.#notice = text;
  }

  /** A key was pressed on a screen of `columns` cells; returns what it asks of the run. */
  press(key: Key, { nowMs, columns }: KeyPlace): Wish | undefined {
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
        return this.#pause(nowMs);
      case "s":
      case ">":
        return this.#sort(1, columns);
      case "<":
        return this.#sort(-1, columns);
      case "r":
        this.#isReversed = !this.#isReversed;
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
        return this.#move(key);
    }
  }

  /** What there is to draw at `nowMs`. */
  stateAt(nowMs: number): ViewState {
    const upMs = this.#runningSinceMs === undefined ? 0 : nowMs - this.#runningSinceMs;
    const present = { figures: this.#figures, errors: this.#errors, outputEnd: this.#output.taken };
    return {
      facts: this.#facts,
      output: this.#output,
      phase: this.#phase,
      notice: this.#notice,
      page: this.#page,
      chosen: this.#chosen,
      sortedBy: this.#sortedBy,
      isReversed: this.#isReversed,
      isPaused: this.#frozen !== undefined,
      offset: this.#offset,
      ...(this.#frozen ?? { ...present, upMs }),
    };
  }

  get #errors(): readonly ErrorRow[] {
    return [...this.#crashes, ...this.#figures.errors];
  }

  /** Freezes what is shown, or lets it go on. */
  #pause(nowMs: number): undefined {
    const { figures, errors, outputEnd, upMs } = this.stateAt(nowMs);
    this.#frozen = this.#frozen === undefined ? { figures, errors, outputEnd, upMs } : undefined;
    return undefined;
  }

  #open(page: Page): undefined {
    // The same key leads back.
    if (page === this.#page) return this.#close();
    this.#back = this.#page === "component" ? "component" : "main";
    this.#page = page;
    this.#offset = 0;
    // A pause is of one page.
    this.#frozen = undefined;
    // Those of the page before are of another component.
    this.#figures = { ...this.#figures, tasks: [], processes: [] };
    return undefined;
  }

  #close(): undefined {
    this.#page = this.#page === "main" || this.#page === "component" ? "main" : this.#back;
    this.#offset = 0;
    this.#frozen = undefined;
    return undefined;
  }

  /** In the plan's order, then by each column that is seen. */
  #sort(step: number, columns: number): undefined {
    const ids = [undefined, ...columnsShown(columns)];
    const at = ids.indexOf(this.#sortedBy) + step;
    this.#sortedBy = ids[(at + ids.length) % ids.length];
    return undefined;
  }

  #move(key: Key): undefined {
    const steps = STEPS.get(key);
    if (steps === undefined) return undefined;
    if (this.#page === "main") this.#choose(steps);
    // Output is read backwards, from the newest line.
    else {
      const forward = this.#page === "output" ? -steps : steps;
      this.#offset = Math.max(0, Math.min(this.#offset + forward, this.#offsetMax()));
    }
    return undefined;
  }

  #offsetMax(): number {
    switch (this.#page) {
      case "component":
        return this.#figures.tasks.length;
      case "processes":
        return this.#figures.processes.length;
      case "output":
        return this.#output.kept.length;
      case "errors":
        return this.#errors.length;
      default:
        return ROW_COLUMNS.length;
    }
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

/** What ended a process, from the object that `restartToJson` makes. */
export function errorRowOf(object: Readonly<Record<string, unknown>>): ErrorRow {
  const { component, index, process, message, stack } = object;
  const where: unknown = Array.isArray(stack) ? stack[0] : undefined;
  const isTask = typeof component === "string";
  return {
    who: isTask ? `${component}[${String(index)}]` : String(process),
    component: isTask ? component : "",
    message: String(message),
    where: typeof where === "string" ? where : "",
    times: 1,
  };
}
