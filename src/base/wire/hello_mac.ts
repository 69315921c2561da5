/**
 * The proof that a side holds the topology's secret: HMAC-SHA256 over who talks to whom about
 * which topology, both fresh nonces and the direction, so that no proof serves twice or backwards.
 */

import type { Party } from "../gen/heron_bin/packet_pb.ts";

/** Bytes of a nonce. */
export const NONCE_BYTES = 16;

/** What both sides of one hello agree on. */
export interface HelloTranscript {
  readonly protocolVersion: number;
  readonly topologyId: string;
  readonly client: Party;
  readonly server: Party;
  readonly clientNonce: Uint8Array;
  readonly serverNonce: Uint8Array;
}

/** The proof of one side. */
export function helloMac(
  secret: Uint8Array,
  side: "client" | "server",
  transcript: HelloTranscript,
): Uint8Array<ArrayBuffer> {
  const { client, server } = transcript;
  const fields = [
    "heron-bin hello",
    side,
    String(transcript.protocolVersion),
    transcript.topologyId,
    ...partyFields(client),
    ...partyFields(server),
    transcript.clientNonce,
    transcript.serverNonce,
  ];
  // Not of node:crypto, which brings all of Node's streams into a process that starts.
  const hmac = new Bun.CryptoHasher("sha256", secret);
  const length = new DataView(new ArrayBuffer(4));
  for (const field of fields) {
    // Each field behind its length: no two transcripts have the same bytes.
    const bytes = typeof field === "string" ? new TextEncoder().encode(field) : field;
    length.setUint32(0, bytes.length);
    hmac.update(length.buffer).update(bytes);
  }
  return new Uint8Array(hmac.digest());
}

/** Compares two proofs in a time that tells nothing of where they differ. */
export function isSameMac(expected: Uint8Array, found: Uint8Array): boolean {
  // The length is no secret; all else is looked at, whatever it is.
  if (expected.length !== found.length) return false;
  const difference = expected.reduce((bits, byte, at) => bits | (byte ^ (found[at] ?? 0)), 0);
  return difference === 0;
}

function partyFields(party: Party): string[] {
  const { epoch, counter } = party.incarnation ?? { epoch: 0, counter: 0 };
  return [String(party.role), party.id, String(epoch), String(counter)];
}
