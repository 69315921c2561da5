/** Broken builds of channels: credit, markers, doorbells, plans that come late. */

import type { IBolt, ISpout } from "../api/mod.ts";
import type { PlanUpdate } from "../base/gen/heron_bin/packet_pb.ts";
import {
  CreditTable,
  decodeGrant,
  decodeMarker,
  encodeChannelHeader,
  encodeGrant,
  encodeMarker,
  type Grant,
  MARKER_KIND,
  PACKET_FIELD,
} from "../tuples/mod.ts";
import { batchOf, lossOf, peekFrame } from "./frames.ts";
import type { Interposer, LinkKind } from "./interposer.ts";
import type { MutantMakers, MutantRun } from "./mutant_run.ts";

type Name =
  | "delta_grants"
  | "credit_off"
  | "lost_wake_up"
  | "marker_overtakes_data"
  | "end_not_repeated"
  | "early_end"
  | "lost_grant"
  | "stale_plan_accepted"
  | "stale_grant_accepted"
  | "no_sync_after_cut"
  | "repeated_batch"
  | "ready_never_resolves";

/** The makers. */
export const creditMutants: MutantMakers<Name> = Object.freeze({
  /** A grant says how much more, not up to where: one that is lost is missing for ever. */
  delta_grants: deltaGrants,
  /** Sources do not look at their credit. */
  credit_off: () => ({ credit: (table: CreditTable) => new BoundlessCredit(table.words) }),
  /** One ring of a doorbell in a hundred wakes nobody. */
  lost_wake_up: ({ world }: MutantRun) => ({ bell: () => !world.chance(0.01) }),
  /** An end does not stay behind the batches before it. */
  marker_overtakes_data: markerOvertakesData,
  /** A sync does not say that the channel has ended. */
  end_not_repeated: () => ({ frame: rewriteMarkers((marker) => ({ ...marker, ended: false })) }),
  /** A channel's first word is that it has ended. */
  early_end: ({ world }: MutantRun) => ({
    frame: rewriteMarkers((marker) => ({ ...marker, ended: marker.ended || world.chance(0.02) })),
  }),
  /** One grant in ten does not arrive. */
  lost_grant: ({ world }: MutantRun) => ({
    frame: (kind: LinkKind, bytes: Uint8Array) =>
      kind === "stmgr_to_instance" && peekFrame(bytes).body === PACKET_FIELD.grant &&
        world.chance(0.1)
        ? []
        : [bytes],
  }),
  /** A plan of an older topology master is taken. */
  stale_plan_accepted: () => ({
    stalePlan: (stale: PlanUpdate, current: PlanUpdate): PlanUpdate => {
      stale.leaseNumber = current.leaseNumber;
      return stale;
    },
  }),
  /** A grant for an earlier life of a task is taken. */
  stale_grant_accepted: staleGrantAccepted,
  /** Nobody is told that a link between stream managers has ended, nor of a new one. */
  no_sync_after_cut: () => ({
    taken: (bytes: Uint8Array) => {
      const frame = peekFrame(bytes);
      return frame.body === PEER_UP || lossOf(frame)?.lost.case === "link" ? [] : [bytes];
    },
  }),
  /** What was on a cut link is sent once more. */
  repeated_batch: ({ world }: MutantRun) => ({
    frame: (kind: LinkKind, bytes: Uint8Array) =>
      kind === "peer" && peekFrame(bytes).body === PACKET_FIELD.batch && world.chance(0.02)
        ? [bytes, bytes]
        : [bytes],
  }),
  /** `await collector.ready()` does not come back. */
  ready_never_resolves: () => ({ userCode: neverReady }),
});

/** Field number of `peer_up` in `Packet`. */
const PEER_UP = 24;

/** A credit table that always has some. */
class BoundlessCredit extends CreditTable {
  override headroom(): number {
    return 1 << 30;
  }
}

function rewriteMarkers(
  rewrite: (marker: { offset: number; kind: number; id: number; ended: boolean }) => {
    offset: number;
    kind: number;
    id: number;
    ended: boolean;
  },
) {
  return (kind: LinkKind, bytes: Uint8Array): readonly Uint8Array[] => {
    if (kind !== "instance_to_stmgr") return [bytes];
    const frame = peekFrame(bytes);
    if (frame.body !== PACKET_FIELD.marker) return [bytes];
    const marker = decodeMarker(bytes, frame.bodyStart, frame.end);
    if (marker.kind !== MARKER_KIND.sync) return [bytes];
    return [encodeMarker(encodeChannelHeader(marker), rewrite(marker))];
  };
}

/** Now and then a batch is held back, and those behind it on its channel; markers are not. */
function markerOvertakesData({ world }: MutantRun): Partial<Interposer> {
  let heldAtMs = -1;
  const held = new Set<string>();
  return {
    frame: (kind, bytes, { later }) => {
      const batch = kind === "instance_to_stmgr" ? batchOf(peekFrame(bytes)) : undefined;
      if (batch === undefined) return [bytes];
      if (world.nowMs() !== heldAtMs) held.clear();
      const name = `${batch.source} ${batch.destination}`;
      if (!held.has(name) && !world.chance(0.2)) return [bytes];
      heldAtMs = world.nowMs();
      held.add(name);
      later(bytes);
      return [];
    },
  };
}

/** The sender of grants says by how much they differ from its last; the taker adds. */
function deltaGrants(): Partial<Interposer> {
  const told = new Map<string, number>();
  const added = new Map<string, number>();
  const nameOf = ({ sourceTask, destinationTask, source }: Grant): string =>
    `${sourceTask} ${destinationTask} ${source.epoch} ${source.counter}`;
  return {
    frame: (kind, bytes) => {
      const isSent = kind === "instance_to_stmgr";
      if (!isSent && kind !== "stmgr_to_instance") return [bytes];
      const frame = peekFrame(bytes);
      if (frame.body !== PACKET_FIELD.grant) return [bytes];
      const grant = decodeGrant(bytes, frame.bodyStart, frame.end);
      const name = nameOf(grant);
      const known = (isSent ? told : added).get(name) ?? 0;
      if (isSent) {
        told.set(name, grant.limit);
        return [encodeGrant({ ...grant, limit: grant.limit - known })];
      }
      added.set(name, known + grant.limit);
      return [encodeGrant({ ...grant, limit: known + grant.limit })];
    },
  };
}

/** The taker looks at no incarnation. */
function staleGrantAccepted(): Partial<Interposer> {
  return {
    staleGrant: (bytes, life) => {
      const frame = peekFrame(bytes);
      const grant = decodeGrant(bytes, frame.bodyStart, frame.end);
      return encodeGrant({ ...grant, source: life });
    },
  };
}

function neverReady<Code extends ISpout | IBolt>(code: Code): Code {
  const open = "nextTuple" in code ? "open" : "prepare";
  // Either is called with the collector as the third argument.
  const honest = Reflect.get(code, open) as (...args: unknown[]) => void; // see above
  const broken = (config: unknown, context: unknown, collector: object): void => {
    const never = new Promise<void>(() => {});
    honest.call(code, config, context, { ...collector, ready: () => never });
  };
  return Object.assign(code, { [open]: broken });
}
