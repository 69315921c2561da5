/** Door of `tuples`: the format and the rules of the tuple path, pure. */

export { AckMerger } from "./ack_merger.ts";
export { ACK_KIND, AckReader, type AckRecord } from "./acks.ts";
export { BatchReader, countTuples } from "./batch_reader.ts";
export { BatchWriter, type FrameRange, type LargeTuple, type LateRoots } from "./batch_writer.ts";
export { BufferFull, ByteBuffer } from "./byte_buffer.ts";
export { canonicalEnd } from "./canonical_end.ts";
export {
  hashCanonicalBytes,
  hashCanonicalView,
  hashValues,
  writeCanonical,
} from "./canonical_hash.ts";
export { ClassCodecs } from "./class_codecs.ts";
export { type ChannelHeader, encodeChannelHeader, type TaskLife } from "./channel_header.ts";
export {
  decodeGrant,
  decodeMarker,
  encodeGrant,
  encodeMarker,
  type Grant,
  type Marker,
  MARKER_KIND,
  readTask,
} from "./control.ts";
export {
  ackBoundBytes,
  BATCH_COST_BYTES,
  CreditTable,
  type CreditTerms,
  initialCreditBytes,
  receiveBoundBytes,
  type ServedTask,
  stmgrBoundBytes,
  taskBudgetBytes,
  WAIT_REPEATED_AFTER_REPORTS,
  windowBytes,
} from "./credit.ts";
export { Doorbell } from "./doorbell.ts";
export { InChannel, type OffsetVerdict } from "./in_channel.ts";
export { indexOfKeyGroup, keyGroupOf, type KeyGroupRange, rangeOf } from "./key_groups.ts";
export { PART, partsCostBytes, PartWriter, setRoots } from "./large_tuple.ts";
export { type FrameSink, OutChannel } from "./out_channel.ts";
export { PartialTuple } from "./partial_tuple.ts";
export { PendingLimit, type PendingLimitOptions } from "./pending_limit.ts";
export { allocateRing, type RingMemory, RingReader, RingWriter } from "./ring.ts";
export { FirstStrings } from "./first_strings.ts";
export { type RootId, type RootRange, RootReader, type RootSource, RootWriter } from "./roots.ts";
export { CreditGate, Edge } from "./router.ts";
export { scanTuples } from "./run_scan.ts";
export { SlotCloser } from "./slot_closer.ts";
export { allocateSlots, OUTCOME, type SlotMemory } from "./slot_memory.ts";
export { SlotOpener } from "./slot_opener.ts";
export { PACKET_FIELD } from "./tags.ts";
export { readValue, skipValue, ValueNotEncodable, ValueReader, writeValue } from "./values.ts";
