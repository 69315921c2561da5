/**
 * What servers and clients are made with alike: who one is, the secret, the limits
 * and who is told. What each has for itself is beside it.
 */

import type { Clock, Logger } from "../mod.ts";
import type { ConnectionHandlers } from "./connection.ts";
import type { WireLimits } from "./limits.ts";
import type { HelloTable } from "./hello_table.ts";
import type { PartyInit } from "./party.ts";

/** Options that servers and clients share. */
export interface WireOptions {
  /** Who this side is. */
  readonly self: PartyInit;
  /** The topology both sides must belong to. */
  readonly topologyId: string;
  /** The topology's secret. */
  readonly secret: Uint8Array;
  /** For time-outs and pings. */
  readonly clock: Clock;
  /** Gets a line for each peer that is cut off. @default silent */
  readonly logger?: Logger;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<WireLimits>;
  /** Field numbers of the packet bodies that go to `onRaw` undecoded. @default none */
  readonly rawBodies?: readonly number[];
  /** All current incarnations this side knows, for its hello or welcome. @default none */
  table?(): HelloTable;
  /** Who is told what comes. */
  readonly handlers: ConnectionHandlers;
}
