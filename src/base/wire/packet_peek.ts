/**
 * Reads the envelope of a Packet without decoding it: ids, which body it has and where,
 * so that the bodies of the tuple path never pass through protobuf-es.
 */

import { PacketSchema } from "../gen/heron_bin/packet_pb.ts";
import { HeronError } from "../mod.ts";
import {
  packedSize,
  packedValue,
  readVarint,
  VARINT_INCOMPLETE,
  VARINT_MALFORMED,
} from "./varint.ts";

const REQUEST_ID = PacketSchema.field.requestId.number;
const RESPONSE_TO = PacketSchema.field.responseTo.number;
const WIRE_VARINT = 0;
const WIRE_FIXED64 = 1;
const WIRE_BYTES = 2;
const WIRE_FIXED32 = 5;

// 1 at the field number of each body: looked up twice a packet.
const IS_BODY = bodyTable();

/** If `number` is the field number of a packet body. */
export function isPacketBody(number: number): boolean {
  return IS_BODY[number] === 1;
}

/** What the envelope of the last packet looked at says; one object serves a whole connection. */
export class PacketPeek {
  /** 0: no answer is expected. */
  requestId = 0;
  /** 0: it answers no request. */
  responseTo = 0;
  /** Field number of the body; 0: none that this version knows. */
  body = 0;
  /** Where the body's bytes begin. */
  bodyStart = 0;
  /** Where the body's bytes end. */
  bodyEnd = 0;

  /**
   * Looks at the packet in `bytes[start, end)`. Fields this version does not know are passed over.
   * @throws HeronError `protocol` when it is cut short, malformed or has two bodies
   */
  peek(bytes: Uint8Array, start: number, end: number): void {
    this.requestId = this.responseTo = 0;
    this.body = this.bodyStart = this.bodyEnd = 0;
    for (let at = start; at < end;) {
      const tag = readField(bytes, at, end);
      const number = packedValue(tag) >>> 3;
      const wireType = packedValue(tag) & 7;
      const known = number <= RESPONSE_TO ? WIRE_VARINT : WIRE_BYTES;
      if (wireType !== known && (number <= RESPONSE_TO || IS_BODY[number] === 1)) {
        throw broken(`wire type ${wireType} of field ${number}`);
      }
      at += packedSize(tag);
      switch (wireType) {
        case WIRE_VARINT:
          at = this.#takeVarint(number, bytes, { at, end });
          break;
        case WIRE_BYTES: {
          const length = readField(bytes, at, end);
          at += packedSize(length);
          if (IS_BODY[number] === 1) this.#takeBody(number, at, at + packedValue(length));
          at += packedValue(length);
          break;
        }
        case WIRE_FIXED64:
          at += 8;
          break;
        case WIRE_FIXED32:
          at += 4;
          break;
        default:
          throw broken(`wire type ${wireType} of field ${number}`);
      }
      if (number === 0) throw broken("field number 0");
      if (at > end) throw broken(`field ${number} longer than the packet`);
    }
  }

  #takeBody(number: number, start: number, end: number): void {
    // protobuf would merge them; no encoder of ours or of a library writes two.
    if (this.body !== 0) throw broken(`bodies ${this.body} and ${number} in one packet`);
    this.body = number;
    this.bodyStart = start;
    this.bodyEnd = end;
  }

  #takeVarint(number: number, bytes: Uint8Array, range: { at: number; end: number }): number {
    if (number !== REQUEST_ID && number !== RESPONSE_TO) return skipVarint(bytes, range);
    const packed = readField(bytes, range.at, range.end);
    if (number === REQUEST_ID) this.requestId = packedValue(packed);
    else this.responseTo = packedValue(packed);
    return range.at + packedSize(packed);
  }
}

function bodyTable(): Uint8Array {
  const numbers = PacketSchema.oneofs.flatMap(({ fields }) => fields.map(({ number }) => number));
  const table = new Uint8Array(Math.max(...numbers) + 1);
  for (const number of numbers) table[number] = 1;
  return table;
}

function skipVarint(bytes: Uint8Array, range: { at: number; end: number }): number {
  let at = range.at;
  while (at < range.end && bytes[at]! >= 0x80) at++;
  if (at >= range.end || at - range.at >= 10) throw broken("a varint that does not end");
  return at + 1;
}

function readField(bytes: Uint8Array, at: number, end: number): number {
  const packed = readVarint(bytes, at, end);
  if (packed === VARINT_INCOMPLETE) throw broken("an end inside a field");
  if (packed === VARINT_MALFORMED) throw broken("a varint of more than 32 bits");
  return packed;
}

function broken(found: string): HeronError {
  return new HeronError("protocol", `Read a packet: found ${found}, expected a whole packet`);
}
