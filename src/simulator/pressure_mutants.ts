/** Broken builds of the spout pause: what is announced, withdrawn, and repeated. */

import { encodeFrame } from "../base/wire/mod.ts";
import { lossOf, packetOf, peekFrame } from "./frames.ts";
import type { Interposer, WayEnd } from "./interposer.ts";
import type { MutantMakers, MutantRun } from "./mutant_run.ts";

type Name =
  | "withdrawal_lost_with_culprit"
  | "pressure_not_repeated"
  | "pressure_not_told"
  | "lost_relief";

/** The makers. */
export const pressureMutants: MutantMakers<Name> = Object.freeze({
  /** Who is announced when it dies stays so with those that were told. */
  withdrawal_lost_with_culprit: withdrawalLostWithCulprit,
  /** A new link between stream managers does not begin with what is announced. */
  pressure_not_repeated: pressureNotRepeated,
  /** One time in five a spout is not told that it is to pause. */
  pressure_not_told: ({ world }: MutantRun) => ({
    taken: (bytes: Uint8Array) =>
      (culpritsOf(bytes)?.length ?? 0) > 0 && world.chance(0.2) ? [] : [bytes],
  }),
  /** A task that was asked for relief does not answer. */
  lost_relief: () => ({
    frame: (kind, bytes) =>
      kind === "instance_to_stmgr" && peekFrame(bytes).body === RELIEVED ? [] : [bytes],
  }),
});

/** Field numbers in `Packet`. */
const RELIEVED = 27;
const BACK_PRESSURE = 28;

/** The culprits that a frame tells, if it tells any. */
function culpritsOf(bytes: Uint8Array): readonly number[] | undefined {
  const frame = peekFrame(bytes);
  if (frame.body !== BACK_PRESSURE) return undefined;
  const { body } = packetOf(frame);
  return body.case === "backPressure" ? body.value.culprits : undefined;
}

interface ToldWay {
  culprits: readonly number[];
  /** Those whose loss was told since. */
  readonly lost: Set<number>;
}

function withdrawalLostWithCulprit(): Partial<Interposer> {
  const ways = new Map<WayEnd, ToldWay>();
  return {
    frame: (kind, bytes, { end }) => {
      if (kind !== "stmgr_to_instance") return [bytes];
      const way = ways.get(end) ?? { culprits: [], lost: new Set() };
      ways.set(end, way);
      const loss = lossOf(peekFrame(bytes));
      if (loss?.lost.case === "task") way.lost.add(loss.lost.value);
      const culprits = culpritsOf(bytes);
      if (culprits === undefined) return [bytes];
      const kept = way.culprits.filter((task) => way.lost.has(task) && !culprits.includes(task));
      way.culprits = [...culprits, ...kept];
      return [
        encodeFrame({ body: { case: "backPressure", value: { culprits: [...way.culprits] } } }),
      ];
    },
  };
}

function pressureNotRepeated(): Partial<Interposer> {
  const last = new Map<string, { readonly end: WayEnd; readonly told: string }>();
  return {
    frame: (kind, bytes, { end }) => {
      const culprits = kind === "peer" ? culpritsOf(bytes) : undefined;
      if (culprits === undefined) return [bytes];
      const way = `${end.process.name} ${end.other?.process.name}`;
      const known = last.get(way);
      const told = culprits.join(" ");
      last.set(way, { end, told });
      return known !== undefined && known.end !== end && known.told === told ? [] : [bytes];
    },
  };
}
