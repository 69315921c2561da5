/**
 * The mutual hello as two state machines without I/O: hello -> challenge -> proof -> welcome or
 * refusal. The server answers a hello with its own proof, so a client tells nothing to a
 * stranger but its name; the server decides nothing before the client's proof.
 */

import {
  type Challenge,
  type Hello,
  type Packet,
  type Party,
  Role,
  type Welcome,
} from "../gen/heron_bin/packet_pb.ts";
import { HeronError } from "../mod.ts";
import { type HelloTable, packTable, unpackTable } from "./hello_table.ts";
import { helloMac, type HelloTranscript, isSameMac, NONCE_BYTES } from "./hello_mac.ts";
import { createPacket, type PacketInit } from "./packet.ts";
import { createParty, formatParty, isSameParty, type PartyInit } from "./party.ts";

/** The version of everything on the wire; both sides must have the same. */
export const PROTOCOL_VERSION = 1;

/** What a side brings to a hello. */
export interface HelloOptions {
  readonly self: PartyInit;
  readonly topologyId: string;
  /** The topology's secret; never sent. */
  readonly secret: Uint8Array;
  /** 16 bytes from a cryptographic source, used once. */
  readonly nonce: Uint8Array;
  /** All current incarnations this side knows; read when they are sent. */
  table(): HelloTable;
}

/** What a client brings. */
export interface ClientHelloOptions extends HelloOptions {
  /** Whom it means to reach: role and id. */
  readonly to: PartyInit;
}

/** What a server brings. */
export interface ServerHelloOptions extends HelloOptions {
  /** Asked once the peer has proved itself; returns why it is refused all the same. */
  accept(hello: Hello): string | undefined;
}

/** What follows from a packet: answer and wait; open, perhaps with an answer; refuse, perhaps with one. */
export type HelloStep =
  | { readonly type: "answer"; readonly packet: PacketInit }
  | {
    readonly type: "open";
    readonly packet: PacketInit | undefined;
    readonly peer: Party;
    readonly table: HelloTable;
  }
  | {
    readonly type: "refuse";
    readonly packet: PacketInit | undefined;
    readonly error: HeronError;
  };

/** The side that connects. */
export class ClientHello {
  readonly #options: ClientHelloOptions;
  readonly #self: Party;
  readonly #to: Party;
  #server: Party | undefined;
  #state: "new" | "greeted" | "proved" | "done" = "new";

  constructor(options: ClientHelloOptions) {
    assertNonce(options.nonce);
    this.#options = options;
    this.#self = createParty(options.self);
    const { role = Role.UNSPECIFIED, id = "" } = options.to;
    this.#to = createParty({ role, id });
  }

  /** The first packet. */
  start(): PacketInit {
    if (this.#state !== "new") throw new TypeError("Start a hello: it was started before");
    this.#state = "greeted";
    const { topologyId, nonce } = this.#options;
    const lives = packTable(this.#options.table());
    const hello = {
      protocolVersion: PROTOCOL_VERSION,
      topologyId,
      from: this.#self,
      to: this.#to,
      nonce,
      ...(lives === undefined ? {} : { lives }),
    };
    return { body: { case: "hello", value: hello } };
  }

  /** Takes a packet of the server. */
  receive(packet: Packet): HelloStep {
    const { body } = packet;
    const state = this.#state;
    this.#state = "done";
    if (body.case === "refusal" && state !== "done") {
      // Before the challenge anybody may have said it; after it, one who holds the secret.
      const code = state === "proved" ? "fenced" : "unauthenticated";
      return refuse(code, `the refusal "${body.value.reason}", expected a welcome`);
    }
    if (body.case === "challenge" && state === "greeted") return this.#challenged(body.value);
    if (body.case === "welcome" && state === "proved") return this.#welcomed(body.value);
    const expected = state === "greeted" ? "challenge" : "welcome";
    return refuse("protocol", `the packet "${body.case ?? "none"}", expected "${expected}"`);
  }

  #challenged(challenge: Challenge): HelloStep {
    const { secret, nonce, topologyId } = this.#options;
    const server = challenge.from;
    if (server === undefined || !isSameParty(server, this.#to)) {
      const expected = formatParty(this.#to);
      return refuse("unauthenticated", `"${formatParty(server)}" there, expected "${expected}"`);
    }
    if (challenge.nonce.length !== NONCE_BYTES || isSameMac(nonce, challenge.nonce)) {
      return refuse("unauthenticated", `a nonce that is no fresh one of ${NONCE_BYTES} B`);
    }
    const transcript = {
      protocolVersion: PROTOCOL_VERSION,
      topologyId,
      client: this.#self,
      server,
      clientNonce: nonce,
      serverNonce: challenge.nonce,
    };
    if (!isSameMac(helloMac(secret, "server", transcript), challenge.mac)) {
      return refuse("unauthenticated", "a wrong proof of the server, expected one by our secret");
    }
    this.#server = server;
    this.#state = "proved";
    const mac = helloMac(secret, "client", transcript);
    return { type: "answer", packet: { body: { case: "proof", value: { mac } } } };
  }

  #welcomed(welcome: Welcome): HelloStep {
    const peer = this.#server ?? this.#to;
    return { type: "open", packet: undefined, peer, table: unpackTable(welcome.lives) };
  }
}

/** The side that listens. */
export class ServerHello {
  readonly #options: ServerHelloOptions;
  readonly #self: Party;
  #hello: Hello | undefined;
  #transcript: HelloTranscript | undefined;
  #state: "new" | "challenged" | "done" = "new";

  constructor(options: ServerHelloOptions) {
    assertNonce(options.nonce);
    this.#options = options;
    this.#self = createParty(options.self);
  }

  /** Whom the peer says it is; not to be believed before the hello is open. */
  get claimed(): Party | undefined {
    return this.#hello?.from;
  }

  /** Takes a packet of the client. */
  receive(packet: Packet): HelloStep {
    const { body } = packet;
    const state = this.#state;
    this.#state = "done";
    if (body.case === "hello" && state === "new") return this.#greeted(body.value);
    if (body.case === "proof" && state === "challenged") return this.#proved(body.value.mac);
    const expected = state === "new" ? "hello" : "proof";
    return refuse("protocol", `the packet "${body.case ?? "none"}", expected "${expected}"`);
  }

  #greeted(hello: Hello): HelloStep {
    const { topologyId, nonce, secret } = this.#options;
    const { from, to, protocolVersion } = hello;
    if (protocolVersion !== PROTOCOL_VERSION) {
      const found = `protocol version "${protocolVersion}", expected "${PROTOCOL_VERSION}"`;
      return refuse("unauthenticated", found, "wrong protocol version");
    }
    if (hello.topologyId !== topologyId) {
      const found = `topology "${hello.topologyId}", expected "${topologyId}"`;
      return refuse("unauthenticated", found, "wrong topology");
    }
    if (to === undefined || !isSameParty(to, this.#self)) {
      const found = `a hello to "${formatParty(to)}", expected "${formatParty(this.#self)}"`;
      return refuse("unauthenticated", found, "wrong party");
    }
    if (from === undefined || from.role === Role.UNSPECIFIED || from.id === "") {
      return refuse("unauthenticated", "no role or id of the sender", "wrong sender");
    }
    if (hello.nonce.length !== NONCE_BYTES) {
      const found = `a nonce of ${hello.nonce.length} B, expected ${NONCE_BYTES} B`;
      return refuse("unauthenticated", found, "wrong nonce");
    }
    const transcript = {
      protocolVersion,
      topologyId,
      client: from,
      server: this.#self,
      clientNonce: hello.nonce,
      serverNonce: nonce,
    };
    this.#hello = hello;
    this.#transcript = transcript;
    this.#state = "challenged";
    const mac = helloMac(secret, "server", transcript);
    const challenge = { from: this.#self, nonce, mac };
    return { type: "answer", packet: { body: { case: "challenge", value: challenge } } };
  }

  #proved(mac: Uint8Array): HelloStep {
    const hello = this.#hello;
    const transcript = this.#transcript;
    if (hello === undefined || transcript === undefined) throw new TypeError("Proof before hello");
    if (!isSameMac(helloMac(this.#options.secret, "client", transcript), mac)) {
      return refuse("unauthenticated", "a wrong proof, expected one by our secret", "wrong proof");
    }
    const refused = this.#options.accept(hello);
    if (refused !== undefined) return refuse("fenced", `the refusal "${refused}"`, refused);
    const lives = packTable(this.#options.table());
    return {
      type: "open",
      packet: { body: { case: "welcome", value: lives === undefined ? {} : { lives } } },
      peer: transcript.client,
      table: unpackTable(hello.lives),
    };
  }
}

function refuse(
  code: "protocol" | "unauthenticated" | "fenced",
  found: string,
  told?: string,
): HelloStep {
  const packet: PacketInit | undefined = told === undefined
    ? undefined
    : createPacket({ body: { case: "refusal", value: { reason: told } } });
  return { type: "refuse", packet, error: new HeronError(code, `Say hello: found ${found}`) };
}

function assertNonce(nonce: Uint8Array): void {
  if (nonce.length !== NONCE_BYTES) {
    throw new RangeError(`Say hello: nonce of "${nonce.length}" B, expected ${NONCE_BYTES} B`);
  }
}
