import { expect, test } from "bun:test";
import { type Packet, Role } from "../gen/heron_bin/packet_pb.ts";
import {
  ClientHello,
  type ClientHelloOptions,
  type HelloStep,
  ServerHello,
  type ServerHelloOptions,
} from "./hello.ts";
import { createPacket, decodePacket, encodePacket, type PacketInit } from "./packet.ts";

const SERVER = { role: Role.STMGR, id: "stmgr-1", incarnation: { epoch: 3, counter: 1 } };
const CLIENT = { role: Role.INSTANCE, id: "word", incarnation: { epoch: 3, counter: 8 } };
const SECRET = new Uint8Array(32).fill(5);
let nonces = 0;

function fresh(): Uint8Array {
  return new Uint8Array(16).fill(++nonces);
}

function clientHello(change: Partial<ClientHelloOptions> = {}): ClientHello {
  const table = () => ({ tasks: [{ task: 4, incarnation: CLIENT.incarnation }], stmgrs: [] });
  return new ClientHello({
    self: CLIENT,
    to: SERVER,
    topologyId: "t",
    secret: SECRET,
    nonce: fresh(),
    table,
    ...change,
  });
}

function serverHello(change: Partial<ServerHelloOptions> = {}): ServerHello {
  const table = () => ({
    tasks: [],
    stmgrs: [{ stmgr: "stmgr-2", incarnation: SERVER.incarnation }],
  });
  return new ServerHello({
    self: SERVER,
    topologyId: "t",
    secret: SECRET,
    nonce: fresh(),
    table,
    accept: () => undefined,
    ...change,
  });
}

/** Over the wire and back. */
function sent(init: PacketInit | undefined): Packet {
  const bytes = encodePacket(init ?? {});
  return decodePacket(bytes, 0, bytes.length);
}

function packetOf(step: HelloStep): Packet {
  return sent(step.packet);
}

function errorOf(step: HelloStep): string {
  return step.type === "refuse" ? `${step.error.code}: ${step.error.message}` : step.type;
}

function told(step: HelloStep): string | undefined {
  const { body } = packetOf(step);
  return body.case === "refusal" ? body.value.reason : undefined;
}

test("ClientHello and ServerHello open with each other's party and table", () => {
  const [client, server] = [clientHello(), serverHello()];
  const challenge = server.receive(sent(client.start()));
  expect(challenge.type).toBe("answer");
  expect(server.claimed?.id).toBe("word");
  const proof = client.receive(packetOf(challenge));
  const welcome = server.receive(packetOf(proof));
  if (welcome.type !== "open") throw new Error(errorOf(welcome));
  expect(welcome.peer).toMatchObject(CLIENT);
  expect(welcome.table.tasks).toMatchObject([{ task: 4 }]);
  const opened = client.receive(packetOf(welcome));
  if (opened.type !== "open") throw new Error(errorOf(opened));
  expect(opened.peer).toMatchObject(SERVER);
  expect(opened.table.stmgrs).toMatchObject([{ stmgr: "stmgr-2" }]);
  expect(opened.packet).toBeUndefined();
  // Once open, neither takes a packet of a hello again.
  expect(errorOf(server.receive(packetOf(proof)))).toContain("protocol");
  expect(errorOf(client.receive(packetOf(welcome)))).toContain("protocol");
});

test("ServerHello refuses a wrong version, topology, party, sender and nonce before its challenge", () => {
  const hello = sent(clientHello().start()).body.value;
  if (hello?.$typeName !== "heron_bin.wire.Hello") throw new Error("no hello");
  const cases: [object, string][] = [
    [{ protocolVersion: 2 }, "wrong protocol version"],
    [{ topologyId: "other" }, "wrong topology"],
    [{ to: { role: Role.STMGR, id: "stmgr-2" } }, "wrong party"],
    [{ to: { role: Role.TM, id: "stmgr-1" } }, "wrong party"],
    [{ to: undefined }, "wrong party"],
    [{ from: { role: Role.UNSPECIFIED, id: "word" } }, "wrong sender"],
    [{ from: { role: Role.INSTANCE, id: "" } }, "wrong sender"],
    [{ nonce: new Uint8Array(15) }, "wrong nonce"],
    [{ nonce: new Uint8Array(0) }, "wrong nonce"],
  ];
  for (const [change, reason] of cases) {
    const value = { ...hello, $typeName: undefined, ...change };
    // Built from a hello, so its shape is one.
    const packet = createPacket({ body: { case: "hello", value } } as PacketInit);
    const step = serverHello().receive(packet);
    expect(errorOf(step)).toContain("unauthenticated");
    expect(told(step)).toBe(reason);
  }
});

test("ServerHello refuses a client with the wrong secret, and never asks accept()", () => {
  let asked = 0;
  const accept = () => {
    asked++;
    return undefined;
  };
  // A stranger can not check the challenge, so it plays along with a proof of its own.
  const [server, mirror] = [serverHello({ accept }), serverHello()];
  const client = clientHello({ secret: new Uint8Array(32) });
  const challenge = server.receive(sent(client.start()));
  expect(errorOf(client.receive(packetOf(challenge)))).toContain("wrong proof of the server");
  for (const mac of [new Uint8Array(32), new Uint8Array(0), new Uint8Array(33)]) {
    const again = serverHello({ accept });
    again.receive(sent(clientHello().start()));
    const step = again.receive(sent({ body: { case: "proof", value: { mac } } }));
    expect([errorOf(step).split(":")[0], told(step)]).toEqual(["unauthenticated", "wrong proof"]);
  }
  // The server's own proof, sent back to it (reflected).
  const own = packetOf(mirror.receive(sent(clientHello().start()))).body;
  if (own.case !== "challenge") throw new Error("no challenge");
  const reflected = { body: { case: "proof", value: { mac: own.value.mac } } } as const;
  expect(errorOf(mirror.receive(sent(reflected)))).toContain("wrong proof");
  expect(asked).toBe(0);
});

test("ServerHello refuses a proof that was good in another hello (replayed)", () => {
  const nonce = fresh();
  const [client, server] = [clientHello({ nonce }), serverHello()];
  const hello = sent(client.start());
  const proof = packetOf(client.receive(packetOf(server.receive(hello))));
  expect(server.receive(proof).type).toBe("open");
  const later = serverHello();
  expect(later.receive(hello).type).toBe("answer");
  expect(errorOf(later.receive(proof))).toContain("wrong proof");
});

test("ClientHello refuses a challenge that was good in another hello, or its own nonce", () => {
  const server = serverHello();
  const client = clientHello();
  const old = packetOf(server.receive(sent(client.start())));
  const later = clientHello();
  later.start();
  expect(errorOf(later.receive(old))).toContain("wrong proof of the server");
  const nonce = fresh();
  const mirrored = clientHello({ nonce });
  mirrored.start();
  const challenge = { from: SERVER, nonce, mac: new Uint8Array(32) };
  const step = mirrored.receive(sent({ body: { case: "challenge", value: challenge } }));
  expect(errorOf(step)).toContain("no fresh one");
});

test("ClientHello refuses another party than it meant, even one with the secret", () => {
  const client = clientHello();
  client.start();
  const other = serverHello({ self: { ...SERVER, id: "stmgr-2" } });
  const hello = sent(clientHello({ to: { ...SERVER, id: "stmgr-2" } }).start());
  const step = client.receive(packetOf(other.receive(hello)));
  expect(errorOf(step)).toContain('"stmgr stmgr-2 3.1" there, expected "stmgr stmgr-1"');
  expect(step.packet).toBeUndefined();
});

test("ServerHello tells accept()'s reason, and the client that it is fenced", () => {
  const [client, server] = [clientHello(), serverHello({ accept: () => "too old" })];
  const proof = client.receive(packetOf(server.receive(sent(client.start()))));
  const refusal = server.receive(packetOf(proof));
  expect([errorOf(refusal).split(":")[0], told(refusal)]).toEqual(["fenced", "too old"]);
  expect(errorOf(client.receive(packetOf(refusal)))).toContain(
    'fenced: Say hello: found the refusal "too old"',
  );
});

test("ClientHello takes a refusal before the challenge as unauthenticated", () => {
  const client = clientHello();
  client.start();
  const refusal = { body: { case: "refusal", value: { reason: "wrong topology" } } } as const;
  expect(errorOf(client.receive(sent(refusal)))).toContain("unauthenticated");
});

test("ClientHello and ServerHello take no packet out of order", () => {
  const order: PacketInit[] = [
    { body: { case: "stop", value: {} } },
    { body: { case: "welcome", value: {} } },
    { body: { case: "proof", value: {} } },
    { body: { case: "ping", value: {} } },
    {},
  ];
  for (const packet of order) {
    const client = clientHello();
    client.start();
    for (const step of [client.receive(sent(packet)), serverHello().receive(sent(packet))]) {
      expect(errorOf(step)).toContain("protocol");
      expect(step.packet).toBeUndefined();
    }
  }
  const server = serverHello();
  const hello = sent(clientHello().start());
  server.receive(hello);
  expect(errorOf(server.receive(hello))).toContain('"hello", expected "proof"');
});

test("ClientHello and ServerHello want a nonce of 16 bytes", () => {
  expect(() => clientHello({ nonce: new Uint8Array(8) })).toThrow(RangeError);
  expect(() => serverHello({ nonce: new Uint8Array(0) })).toThrow(RangeError);
});
