/** What was found when something is looked over, and what to do about it. Types only. */

/** What was found about one thing. */
export interface Finding {
  /** `fault`: it does not work so. */
  readonly verdict: "ok" | "hint" | "fault";
  readonly about: string;
  readonly found: string;
  /** What to do; empty when nothing is. */
  readonly advice: string;
}
