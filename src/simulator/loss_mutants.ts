/** Broken builds of losses: notices, what is sent again, credit and its newborn receivers. */

import { decodeGrant, encodeGrant, PACKET_FIELD } from "../tuples/mod.ts";
import { batchOf, lossOf, peekFrame } from "./frames.ts";
import type { Interposer, WayEnd } from "./interposer.ts";
import type { MutantMakers, MutantRun } from "./mutant_run.ts";

type Name =
  | "dropped_notice"
  | "notice_to_spouts_only"
  | "batch_sent_again"
  | "credit_leak"
  | "newborn_grants_early";

/** The makers. */
export const lossMutants: MutantMakers<Name> = Object.freeze({
  /** One notice in five does not arrive. */
  dropped_notice: ({ world }: MutantRun) => ({
    taken: (bytes: Uint8Array) =>
      lossOf(peekFrame(bytes)) !== undefined && world.chance(0.2) ? [] : [bytes],
  }),
  /** Bolts hear of no loss. */
  notice_to_spouts_only: noticeToSpoutsOnly,
  /** What went over a link before its end goes over the next one again. */
  batch_sent_again: batchSentAgain,
  /** What is lost on the way stays on the account of its channel. */
  credit_leak: creditLeak,
  /** Who is born anew grants before it knows where its channels stand. */
  newborn_grants_early: newbornGrantsEarly,
});

function noticeToSpoutsOnly({ scenario }: MutantRun): Partial<Interposer> {
  const { definition, packingPlan } = scenario;
  const spouts = new Set(
    definition.components.filter(({ kind }) => kind === "spout").map(({ name }) => name),
  );
  const tasks = new Set(
    packingPlan.containerPlans.flatMap(({ instancePlans }) =>
      instancePlans.filter(({ componentName }) => spouts.has(componentName))
        .map(({ taskId }) => taskId)
    ),
  );
  return {
    taken: (bytes, task) =>
      tasks.has(task) || lossOf(peekFrame(bytes)) === undefined ? [bytes] : [],
  };
}

/** How many batches are sent again. */
const AGAIN_MAX = 8;

function batchSentAgain(): Partial<Interposer> {
  const last = new Map<string, { end: WayEnd; batches: Uint8Array[] }>();
  return {
    frame: (kind, bytes, { end }) => {
      if (kind !== "peer" || batchOf(peekFrame(bytes)) === undefined) return [bytes];
      const way = `${end.process.name} ${end.other?.process.name}`;
      const known = last.get(way);
      const again = known !== undefined && known.end !== end ? known.batches : [];
      const batches = known?.end === end ? known.batches : [];
      last.set(way, { end, batches: [...batches, bytes].slice(-AGAIN_MAX) });
      return [...again, bytes];
    },
  };
}

function creditLeak(): Partial<Interposer> {
  /** By source, its life and destination: how far each channel came without a gap. */
  const leaks = new Map<string, { next: number; gone: number }>();
  return {
    taken: (bytes) => {
      const batch = batchOf(peekFrame(bytes));
      if (batch === undefined) return [bytes];
      const { source, life, destination, offset, creditBytes } = batch;
      const name = `${source} ${life.epoch} ${life.counter} ${destination}`;
      const known = leaks.get(name) ?? { next: 0, gone: 0 };
      known.gone += Math.max(0, offset - known.next);
      known.next = Math.max(known.next, offset + creditBytes);
      leaks.set(name, known);
      return [bytes];
    },
    frame: (kind, bytes) => {
      const frame = peekFrame(bytes);
      if (kind !== "instance_to_stmgr" || frame.body !== PACKET_FIELD.grant) return [bytes];
      const grant = decodeGrant(bytes, frame.bodyStart, frame.end);
      const { sourceTask, source, destinationTask } = grant;
      const name = `${sourceTask} ${source.epoch} ${source.counter} ${destinationTask}`;
      const gone = leaks.get(name)?.gone ?? 0;
      return [encodeGrant({ ...grant, limit: Math.max(0, grant.limit - gone) })];
    },
  };
}

/** The first grants of a life come on top of what its channels were granted before. */
function newbornGrantsEarly({ scenario }: MutantRun): Partial<Interposer> {
  const lives = new Map<number, string>();
  const newborn = new Set<string>();
  return {
    frame: (kind, bytes) => {
      const frame = peekFrame(bytes);
      if (kind !== "instance_to_stmgr" || frame.body !== PACKET_FIELD.grant) return [bytes];
      const grant = decodeGrant(bytes, frame.bodyStart, frame.end);
      const { destinationTask, destination, sourceTask } = grant;
      const life = `${destination.epoch}.${destination.counter}`;
      const isFirst = (lives.get(destinationTask) ?? life) === life;
      if (isFirst) lives.set(destinationTask, life);
      const name = `${destinationTask} ${life} ${sourceTask}`;
      if (isFirst || newborn.has(name)) return [bytes];
      newborn.add(name);
      const early = grant.limit + scenario.config.instanceReceiveBytes;
      return [encodeGrant({ ...grant, limit: early })];
    },
  };
}
