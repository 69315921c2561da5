/** What broken builds are made for. */

import type { Interposer } from "./interposer.ts";
import type { Scenario } from "./scenario.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** The run that a broken build is put together for. */
export interface MutantRun {
  readonly world: VirtualWorld;
  readonly scenario: Scenario;
}

/** Makers of the ports that broken builds change, by name. */
export type MutantMakers<Name extends string> = Readonly<
  Record<Name, (run: MutantRun) => Partial<Interposer>>
>;
