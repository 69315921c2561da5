/** Decoded packets by their bytes: each instance gets the same plan, and a run has few. */

import type { Packet, PlanUpdate } from "../base/gen/heron_bin/packet_pb.ts";
import { PhysicalPlan } from "../plan/mod.ts";
import { packetOf, type SimFrame } from "./frames.ts";

const ENTRIES_MAX = 4;

/** A packet, and the plan that it carries, if any. */
export interface PlanPacket {
  readonly packet: Packet;
  readonly plan: PhysicalPlan | undefined;
}

interface Entry extends PlanPacket {
  readonly bytes: Uint8Array;
}

/** The plans of one run. */
export class PlanCache {
  #entries: Entry[] = [];

  /** The packet in a frame, with its plan. Who takes it must not change it: others get the same. */
  read(frame: SimFrame): PlanPacket {
    const known = this.#entries.find(({ bytes }) => Buffer.compare(bytes, frame.bytes) === 0);
    if (known !== undefined) return known;
    const packet = packetOf(frame);
    const update = updateIn(packet);
    const plan = update === undefined ? undefined : PhysicalPlan.from(update);
    const entry = { bytes: frame.bytes, packet, plan };
    // Packets without a plan are small, and none of them is worth the place of one with it.
    if (plan !== undefined) this.#entries = [entry, ...this.#entries.slice(0, ENTRIES_MAX - 1)];
    return entry;
  }
}

function updateIn({ body }: Packet): PlanUpdate | undefined {
  if (body.case === "planUpdate") return body.value;
  return body.case === "instanceRegistered" ? body.value.plan : undefined;
}
