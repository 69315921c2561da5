/**
 * Where a broken build is put together: what passes the ports of the real
 * cores may be changed, held back or dropped. The one here changes nothing.
 */

import type { IBolt, ISpout } from "../api/mod.ts";
import type { CreditTable } from "../tuples/mod.ts";
import type { PlanUpdate } from "../base/gen/heron_bin/packet_pb.ts";

/** Which connection a frame is sent on, and by whom. */
export type LinkKind =
  | "instance_to_stmgr"
  | "stmgr_to_instance"
  | "peer"
  | "tm";

/** Sends a frame at the end of what happens now. */
export type SendLater = (bytes: Uint8Array) => void;

/** Changes what passes between the cores of one run. */
export interface Interposer {
  /** What is sent in place of `bytes`; `later` sends behind what else is sent now. */
  frame(kind: LinkKind, bytes: Uint8Array, later: SendLater): readonly Uint8Array[];
  /** False: the ring of a doorbell is lost. */
  bell(): boolean;
  /** The credit table that the executor reads and the gateway writes. */
  credit(table: CreditTable): CreditTable;
  /** User code of a task. */
  userCode<Code extends ISpout | IBolt>(code: Code): Code;
  /** A plan of an older topology master that comes late. */
  stalePlan(update: PlanUpdate): PlanUpdate;
}

/** Changes nothing. */
export const HONEST: Interposer = Object.freeze({
  frame: (_kind: LinkKind, bytes: Uint8Array) => [bytes],
  bell: () => true,
  credit: (table: CreditTable) => table,
  userCode: <Code extends ISpout | IBolt>(code: Code) => code,
  stalePlan: (update: PlanUpdate) => update,
});
