/** Where the processes of a run listen, and how one speaks to them who is not of the run. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Role } from "../../src/base/gen/heron_bin/packet_pb.ts";
import {
  type Address,
  decodePacket,
  encodeFrame,
  type FrameBounds,
  FrameDecoder,
  type PacketInit,
  type PartyInit,
} from "../../src/base/wire/mod.ts";
import type { LiveRun } from "./live_run.ts";
import { idOf, portsOf } from "./process_tree.ts";

/** A door of a run. */
export interface Door {
  readonly address: Address;
  /** Who listens there. */
  readonly party: PartyInit;
}

const ROLES: Readonly<Record<string, Role>> = {
  tm: Role.TM,
  stmgr: Role.STMGR,
  metricsmgr: Role.METRICSMGR,
  container: Role.CONTAINER,
  scheduler: Role.SCHEDULER,
};

/** All TCP ports and unix sockets that the processes of a run listen on. */
export function doorsOf(run: LiveRun): Door[] {
  const doors: Door[] = [];
  for (const one of run.processes) {
    for (const { port } of portsOf(one.pid)) {
      const party = partyOf(idOf(one, () => "instance"));
      doors.push({ address: { hostname: "127.0.0.1", port }, party });
    }
  }
  const sockets = join(run.folder, "sockets");
  for (const name of readdirSync(sockets)) {
    doors.push({
      address: { unix: join(sockets, name) },
      party: partyOf(name.replace(/\.sock$/, "")),
    });
  }
  return doors;
}

function partyOf(id: string): PartyInit {
  return { role: ROLES[id.replace(/-\d+$/, "")] ?? Role.UNSPECIFIED, id };
}

/** A conversation: what was answered to each packet sent, and how it ended. */
export interface Conversation {
  /** The names of the bodies that came. */
  readonly bodies: readonly string[];
  /** The other side ended it. */
  readonly wasCut: boolean;
}

/**
 * Connects, sends the first of `packets`, and each next one as an answer to a packet that comes;
 * a function makes it from that. Ends when the other side does, or after `withinMs`.
 */
export async function converse(
  address: Address,
  packets: readonly (Uint8Array | ((answer: Uint8Array) => Uint8Array))[],
  withinMs = 20_000,
): Promise<Conversation> {
  const bodies: string[] = [];
  const rest = [...packets];
  const closed = Promise.withResolvers<true>();
  const decoder = new FrameDecoder(1024 * 1024);
  const say = (answer: Uint8Array): void => {
    const next = rest.shift();
    if (next !== undefined) socket.write(typeof next === "function" ? next(answer) : next);
  };
  const handlers = {
    data(_socket: Bun.Socket, chunk: Buffer): void {
      decoder.feed(chunk, 0, {
        frame(bytes: Uint8Array, { packetStart, end }: FrameBounds): boolean {
          bodies.push(decodePacket(bytes, packetStart, end).body.case ?? "none");
          say(bytes.slice(packetStart, end));
          return true;
        },
      });
    },
    close: (): void => closed.resolve(true),
  };
  const socket = "unix" in address
    ? await Bun.connect({ unix: address.unix, socket: handlers })
    : await Bun.connect({ hostname: address.hostname, port: address.port, socket: handlers });
  say(new Uint8Array(0));
  const wasCut = await Promise.race([closed.promise, Bun.sleep(withinMs).then(() => false)]);
  socket.terminate();
  return { bodies, wasCut };
}

/** The bytes of one packet, framed. */
export function frameOf(packet: PacketInit): Uint8Array {
  return encodeFrame(packet);
}
