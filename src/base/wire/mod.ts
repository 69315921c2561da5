/** Door of `wire`: frames, authenticated connections, servers and clients. It knows no message but its own. */

export { type Address, formatAddress, type TcpAddress, type UnixAddress } from "./address.ts";
export { connect, type ConnectOptions } from "./client.ts";
export type { Connection, ConnectionHandlers } from "./connection.ts";
export { encodeFrame, type FrameBounds, FrameDecoder, type FrameSink } from "./frame.ts";
export { PROTOCOL_VERSION } from "./hello.ts";
export type { WireLimits } from "./limits.ts";
export { keepConnected, type KeepConnectedOptions, type ManagedClient } from "./managed_client.ts";
export type { WireOptions } from "./options.ts";
export {
  createPacket,
  decodePacket,
  encodePacket,
  type PacketBodyInit,
  type PacketInit,
} from "./packet.ts";
export { isPacketBody, PacketPeek } from "./packet_peek.ts";
export {
  compareIncarnations,
  createParty,
  formatParty,
  isSameParty,
  type PartyInit,
} from "./party.ts";
export { listen, type ListenOptions, type Server } from "./server.ts";
export {
  packedSize,
  packedValue,
  readVarint,
  VARINT_INCOMPLETE,
  VARINT_MALFORMED,
  varintSize,
  writeVarint,
} from "./varint.ts";
export { type HelloTable, packTable, unpackTable } from "./hello_table.ts";
