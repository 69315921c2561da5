import { expect, test } from "bun:test";
import {
  allocateRing,
  CreditTable,
  Doorbell,
  encodeChannelHeader,
  encodeGrant,
  encodeMarker,
  MARKER_KIND,
  PACKET_FIELD,
  RingReader,
  RingWriter,
} from "../../tuples/mod.ts";
import { GatewayCore } from "./gateway_core.ts";

const LIFE = { epoch: 1, counter: 4 };

function openBell(): Doorbell {
  return new Doorbell(new Int32Array(new SharedArrayBuffer(Doorbell.bytes)));
}

function openCore(ringBytes = 1024) {
  const [gatewayBell, executorBell] = [openBell(), openBell()];
  const [dataIn, dataOut] = [allocateRing(ringBytes), allocateRing(ringBytes)];
  const credit = new CreditTable(new Int32Array(new SharedArrayBuffer(64)));
  const core = new GatewayCore({
    life: LIFE,
    dataIn: new RingWriter(dataIn, executorBell),
    dataOut: new RingReader(dataOut, executorBell),
    credit,
    executorBell,
  });
  return {
    core,
    credit,
    taken: new RingReader(dataIn, gatewayBell),
    given: new RingWriter(dataOut, gatewayBell),
  };
}

function markerFrame(offset: number) {
  const header = encodeChannelHeader({
    destinationTask: 2,
    sourceTask: 1,
    sourceEpoch: 1,
    sourceCounter: 1,
    planVersion: 1,
    restoreEpoch: 0,
  });
  const bytes = encodeMarker(header, { offset, kind: MARKER_KIND.sync });
  return { bytes, start: 0, bodyStart: 3, end: bytes.length };
}

function grantFrame(counter: number, limit: number) {
  const bytes = encodeGrant({
    sourceTask: 7,
    destinationTask: 3,
    source: { epoch: 1, counter },
    destination: { epoch: 1, counter: 1 },
    limit,
  });
  return { bytes, start: 0, bodyStart: 3, end: bytes.length };
}

test("GatewayCore raises the limit that a grant names, and refuses another incarnation's", () => {
  const { core, credit, taken } = openCore();
  core.takeFrame(PACKET_FIELD.grant, grantFrame(4, 500));
  expect(credit.headroom(3, 0)).toBe(500);
  core.takeFrame(PACKET_FIELD.grant, grantFrame(3, 900));
  expect(credit.headroom(3, 0)).toBe(500);
  expect(core.grantsRefused).toBe(1);
  expect(taken.isEmpty).toBe(true);
});

test("GatewayCore keeps frames that find no room, in order, and counts them", () => {
  const { core, taken } = openCore(64);
  const frames = Array.from({ length: 10 }, (_, index) => markerFrame(index + 1));
  for (const frame of frames) core.takeFrame(PACKET_FIELD.marker, frame);
  expect(core.waitingBytes).toBeGreaterThan(0);
  const seen: Uint8Array[] = [];
  for (let round = 0; round < 20; round++) {
    const record = taken.take();
    if (record !== undefined) {
      seen.push(record.slice());
      taken.release();
    }
    core.pump();
  }
  expect(seen).toEqual(frames.map(({ bytes }) => bytes));
  expect(core.waitingBytes).toBe(0);
});

test("GatewayCore leaves records in the ring while there is no link or it is full", () => {
  const { core, given } = openCore();
  const sent: Uint8Array[] = [];
  const link = {
    queuedBytes: 0,
    sendFrame: (bytes: Uint8Array, start: number, end: number) =>
      void sent.push(bytes.slice(start, end)),
  };
  given.put(new Uint8Array([1, 2]), 0, 2);
  core.pump();
  expect(sent.length).toBe(0);
  link.queuedBytes = 2 ** 30;
  core.attach(link);
  expect([sent.length, core.hasWork()]).toEqual([0, false]);
  link.queuedBytes = 0;
  expect(core.hasWork()).toBe(true);
  core.pump();
  expect(sent).toEqual([new Uint8Array([1, 2])]);
  core.detach();
  given.put(new Uint8Array([3]), 0, 1);
  core.pump();
  expect(sent.length).toBe(1);
});
