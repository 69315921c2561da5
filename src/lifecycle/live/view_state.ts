/**
 * What there is to draw of a view at one moment: made by `live_model.ts`, read by the
 * drawing. Types only.
 */

import type { ErrorRow, Figures, TopologyFacts } from "./figures.ts";
import type { OutputSnapshot } from "./output_lines.ts";

/** What a screen shows. */
export type Page = "main" | "component" | "processes" | "output" | "errors" | "help";

/** How a run stands, for people. */
export type Phase = "starting" | "running" | "deactivated" | "ending";

/** What is needed to draw one screen. */
export interface ViewState {
  readonly facts: TopologyFacts;
  readonly figures: Figures;
  readonly output: OutputSnapshot;
  /** Errors that ended a process and those of the figures, the newest first. */
  readonly errors: readonly ErrorRow[];
  readonly phase: Phase;
  /** Since the topology runs, in milliseconds. */
  readonly upMs: number;
  /** Since there were figures last, or since the start of the topology, in milliseconds. */
  readonly figuresAgeMs: number;
  /** The last thing that was noted, if it is new. */
  readonly notice: string;
  /** The job in which it runs, in words; empty: in none. */
  readonly place: string;
  readonly page: Page;
  /** The component that is chosen, or whose page it is. */
  readonly chosen: string | undefined;
  readonly sortedBy: string | undefined;
  readonly isReversed: boolean;
  readonly isPaused: boolean;
  /** Lines or rows that were scrolled by. */
  readonly offset: number;
}
