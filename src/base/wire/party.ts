/**
 * The two sides of a connection and the incarnations they tell each other.
 * What a change of incarnation means is for the roles.
 */

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type Incarnation, type Party, PartySchema, Role } from "../gen/heron_bin/packet_pb.ts";

/** A party as a caller writes it: `{ role: Role.STMGR, id: "stmgr-1", incarnation: { epoch, counter } }`. */
export type PartyInit = MessageInitShape<typeof PartySchema>;

/** Makes a whole party of its parts. */
export function createParty(init: PartyInit): Party {
  return create(PartySchema, init);
}

/** If both are the same party, whatever their incarnation. */
export function isSameParty(
  first: { readonly role: Role; readonly id: string },
  second: { readonly role: Role; readonly id: string },
): boolean {
  return first.role === second.role && first.id === second.id;
}

/** The party as people read it. */
export function formatParty(party: Party | undefined): string {
  if (party === undefined) return "nobody";
  const role = (Role[party.role] ?? String(party.role)).toLowerCase();
  const { incarnation } = party;
  const life = incarnation === undefined ? "" : ` ${incarnation.epoch}.${incarnation.counter}`;
  return `${role} ${party.id}${life}`;
}

/** Less than 0 when `first` is an older life than `second`, 0 when the same; none is the oldest. */
export function compareIncarnations(
  first: Pick<Incarnation, "epoch" | "counter"> | undefined,
  second: Pick<Incarnation, "epoch" | "counter"> | undefined,
): number {
  const epochs = (first?.epoch ?? 0) - (second?.epoch ?? 0);
  return epochs !== 0 ? epochs : (first?.counter ?? 0) - (second?.counter ?? 0);
}
