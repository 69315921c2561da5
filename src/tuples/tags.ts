/**
 * Field numbers and tag bytes of the tuple path in `proto/heron_bin/packet.proto`.
 * The hand-written codec and the stream manager's routing read them from here;
 * `batch_test.ts` holds them against the generated descriptors.
 */

/** Oneof field numbers of `Packet.body` that travel without being decoded on the way. */
export const PACKET_FIELD = Object.freeze({
  batch: 3,
  marker: 4,
  grant: 5,
  acks: 6,
  lossNotice: 7,
  askRelief: 8,
});

/** Tag byte of the first field of Batch, Marker, Grant and Acks: the task they are for. */
export const TAG_TO_TASK = 0x08;

/** Tag bytes, `field << 3 | wire type`. */
export const TAG = Object.freeze({
  packetBatch: (3 << 3) | 2,
  packetMarker: (4 << 3) | 2,
  packetGrant: (5 << 3) | 2,
  packetAcks: (6 << 3) | 2,
  batchOffset: 7 << 3,
  batchPart: 8 << 3,
  batchRuns: (9 << 3) | 2,
  batchTupleOffset: 10 << 3,
  batchTupleBytes: 11 << 3,
  batchPiece: (12 << 3) | 2,
  runStream: 1 << 3,
  runTuples: (2 << 3) | 2,
  tupleRoots: (1 << 3) | 2,
  tupleValues: (2 << 3) | 2,
  rootTask: 1 << 3,
  rootEpoch: 2 << 3,
  rootCounter: 3 << 3,
  rootSlot: 4 << 3,
  rootGeneration: 5 << 3,
  rootKeyLow: (6 << 3) | 5,
  rootKeyHigh: (7 << 3) | 5,
  acksTask: 1 << 3,
  acksEpoch: 2 << 3,
  acksCounter: 3 << 3,
  acksRecords: (4 << 3) | 2,
  recordSlot: 1 << 3,
  recordGeneration: 2 << 3,
  recordKind: 3 << 3,
  recordXorLow: (4 << 3) | 5,
  recordXorHigh: (5 << 3) | 5,
});
