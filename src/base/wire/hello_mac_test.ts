import { expect, test } from "bun:test";
import { Role } from "../gen/heron_bin/packet_pb.ts";
import { helloMac, type HelloTranscript, isSameMac } from "./hello_mac.ts";
import { createParty } from "./party.ts";

const SECRET = new Uint8Array(32).fill(1);
const BASE: HelloTranscript = {
  protocolVersion: 1,
  topologyId: "t",
  client: createParty({ role: Role.INSTANCE, id: "a", incarnation: { epoch: 1, counter: 2 } }),
  server: createParty({ role: Role.STMGR, id: "b", incarnation: { epoch: 1, counter: 3 } }),
  clientNonce: new Uint8Array(16).fill(2),
  serverNonce: new Uint8Array(16).fill(3),
};

test("helloMac() depends on the secret, the direction and every field", () => {
  const swapped = { client: BASE.server, server: BASE.client };
  const changes: Partial<HelloTranscript>[] = [
    {},
    { protocolVersion: 2 },
    { topologyId: "u" },
    { client: createParty({ role: Role.TM, id: "a", incarnation: { epoch: 1, counter: 2 } }) },
    {
      client: createParty({ role: Role.INSTANCE, id: "a", incarnation: { epoch: 12, counter: 2 } }),
    },
    {
      client: createParty({ role: Role.INSTANCE, id: "a", incarnation: { epoch: 1, counter: 22 } }),
    },
    { server: createParty({ role: Role.STMGR, id: "c", incarnation: { epoch: 1, counter: 3 } }) },
    { clientNonce: BASE.serverNonce },
    { serverNonce: BASE.clientNonce },
    swapped,
    // The same bytes, cut between fields elsewhere.
    { topologyId: "t3", client: createParty({ id: "a", incarnation: { epoch: 1, counter: 2 } }) },
  ];
  const macs = changes.flatMap((change) => {
    const transcript = { ...BASE, ...change };
    return [
      helloMac(SECRET, "client", transcript),
      helloMac(SECRET, "server", transcript),
      helloMac(new Uint8Array(32), "client", transcript),
    ];
  }).map((mac) => Buffer.from(mac).toString("hex"));
  expect(new Set(macs).size).toBe(macs.length);
  expect(helloMac(SECRET, "client", { ...BASE })).toEqual(helloMac(SECRET, "client", BASE));
});

test("isSameMac() needs equal length and bytes", () => {
  const mac = helloMac(SECRET, "client", BASE);
  expect(isSameMac(mac, mac.slice())).toBe(true);
  expect(isSameMac(mac, mac.subarray(1))).toBe(false);
  expect(isSameMac(mac, new Uint8Array(0))).toBe(false);
  const other = mac.slice();
  other[31] = (other[31] ?? 0) ^ 1;
  expect(isSameMac(mac, other)).toBe(false);
});
