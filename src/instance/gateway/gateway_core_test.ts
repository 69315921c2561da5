import { expect, test } from "bun:test";
import { takeRecord } from "../../../tests/support/bridges.ts";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { LossNoticeSchema } from "../../base/gen/heron_bin/packet_pb.ts";
import { encodeFrame, PacketPeek } from "../../base/wire/mod.ts";
import {
  ACK_KIND,
  AckMerger,
  allocateRing,
  allocateSlots,
  CreditTable,
  Doorbell,
  encodeChannelHeader,
  encodeGrant,
  encodeMarker,
  MARKER_KIND,
  OUTCOME,
  PACKET_FIELD,
  RingReader,
  RingWriter,
  SlotCloser,
  SlotOpener,
} from "../../tuples/mod.ts";
import { GatewayCore, type SpoutSide } from "./gateway_core.ts";

const LIFE = { epoch: 1, counter: 4 };

function openBell(): Doorbell {
  return new Doorbell(new Int32Array(new SharedArrayBuffer(Doorbell.bytes)));
}

function openCore(ringBytes = 1024, spout?: SpoutSide) {
  const [gatewayBell, executorBell] = [openBell(), openBell()];
  const [dataIn, dataOut] = [allocateRing(ringBytes), allocateRing(ringBytes)];
  const credit = new CreditTable(new Int32Array(new SharedArrayBuffer(64)));
  const clock = { nowMs: 0 };
  const pauses: boolean[] = [];
  const core = new GatewayCore({
    life: LIFE,
    dataIn: new RingWriter(dataIn, executorBell),
    dataOut: new RingReader(dataOut, executorBell),
    credit,
    executorBell,
    spout,
    pauseSpout: (isPaused) => void pauses.push(isPaused),
    nowMs: () => clock.nowMs,
  });
  return {
    core,
    clock,
    pauses,
    executorBell,
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
    const record = takeRecord(taken);
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
  const corks: string[] = [];
  const link = {
    queuedBytes: 0,
    cork: () => void corks.push("cork"),
    uncork: () => void corks.push(`uncork ${sent.length}`),
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
  // Once for all records, and not for none.
  given.put(new Uint8Array([1]), 0, 1);
  given.put(new Uint8Array([2]), 0, 1);
  corks.length = 0;
  core.pump();
  core.pump();
  expect(corks).toEqual(["cork", "uncork 3"]);
  core.detach();
  given.put(new Uint8Array([3]), 0, 1);
  core.pump();
  expect(sent.length).toBe(3);
});

/** A gateway of a spout that has `open` tuples and reaches tasks 2 and 3. */
function openSpout(open: number) {
  const memory = allocateSlots(8);
  const opener = new SlotOpener(memory);
  for (let count = 0; count < open; count++) opener.publish(opener.take() ?? 0, 1, 1);
  const spout = {
    slots: new SlotCloser(memory, { timeoutMs: undefined }),
    reaches: (task: number) => task === 2 || task === 3,
  };
  return { opener, ...openCore(1024, spout) };
}

function outcomes(opener: SlotOpener): number[] {
  const found: number[] = [];
  while (opener.takeCompletion()) {
    found.push(opener.completedOutcome);
    opener.free(opener.completedSlot);
  }
  return found;
}

function noticeFrame(notice: MessageInitShape<typeof LossNoticeSchema>) {
  const bytes = encodeFrame({ body: { case: "lossNotice", value: notice } });
  const peek = new PacketPeek();
  peek.peek(bytes, 1, bytes.length);
  return { bytes, start: 0, bodyStart: peek.bodyStart, end: bytes.length };
}

const LINK = {
  case: "link" as const,
  value: { firstStmgr: "stmgr-1", secondStmgr: "stmgr-2" },
};

test("GatewayCore fails what is open when a task is lost that its tuples reach, and tells the executor", () => {
  const { core, opener, taken } = openSpout(2);
  const unreached = { id: 1, lost: { case: "task" as const, value: 4 }, settled: true };
  core.takeFrame(PACKET_FIELD.lossNotice, noticeFrame(unreached));
  expect(outcomes(opener)).toEqual([]);
  const reached = { id: 2, lost: { case: "task" as const, value: 3 }, settled: true };
  core.takeFrame(PACKET_FIELD.lossNotice, noticeFrame(reached));
  expect(outcomes(opener)).toEqual([OUTCOME.lost, OUTCOME.lost]);
  // Both go on in order with the data: channels may lead there.
  for (let notice = 0; notice < 2; notice++) {
    expect(takeRecord(taken)).toBeDefined();
    taken.release();
  }
});

test("GatewayCore holds its spout from the notice of a lost link until all such are settled", () => {
  const { core, opener } = openSpout(1);
  core.takeFrame(PACKET_FIELD.lossNotice, noticeFrame({ id: 1, lost: LINK }));
  core.takeFrame(PACKET_FIELD.lossNotice, noticeFrame({ id: 2, lost: LINK }));
  expect([opener.isPaused, outcomes(opener)]).toEqual([true, []]);
  core.takeFrame(PACKET_FIELD.lossNotice, noticeFrame({ id: 1, lost: LINK, settled: true }));
  expect([opener.isPaused, outcomes(opener)]).toEqual([true, [OUTCOME.lost]]);
  // Open after the first was settled: it is the second one's.
  opener.publish(opener.take() ?? 0, 1, 1);
  core.takeFrame(PACKET_FIELD.lossNotice, noticeFrame({ id: 2, lost: LINK, settled: true }));
  expect([opener.isPaused, outcomes(opener)]).toEqual([false, [OUTCOME.lost]]);
});

test("GatewayCore takes the end of its own link for a loss, settled when the next one is there", () => {
  const { core, opener } = openSpout(1);
  const link = { queuedBytes: 0, cork: () => {}, uncork: () => {}, sendFrame: () => {} };
  expect(core.attach(link)).toBe(false);
  expect([opener.isPaused, outcomes(opener)]).toEqual([false, []]);
  core.takeFrame(PACKET_FIELD.lossNotice, noticeFrame({ id: 9, lost: LINK }));
  core.detach();
  expect([opener.isPaused, outcomes(opener)]).toEqual([true, []]);
  expect(core.attach(link)).toBe(true);
  expect([opener.isPaused, outcomes(opener)]).toEqual([false, [OUTCOME.lost]]);
});

test("GatewayCore refuses acks of another incarnation and counts those for what is done", () => {
  const { core, opener } = openSpout(1);
  const generation = opener.generationOf(0);
  const record = { slot: 0, generation, kind: ACK_KIND.ack, xorLow: 1, xorHigh: 1 };
  for (const life of [{ epoch: 1, counter: 3 }, LIFE, LIFE]) {
    const merger = new AckMerger();
    merger.add(4, life, record);
    merger.drain({
      write: (bytes, start, end) => {
        const peek = new PacketPeek();
        peek.peek(bytes, start + 1, end);
        const { bodyStart } = peek;
        core.takeFrame(PACKET_FIELD.acks, { bytes, start, bodyStart, end });
      },
    });
  }
  expect(core.acksRefused).toBe(2);
  expect(outcomes(opener)).toEqual([OUTCOME.acked]);
});

test("GatewayCore wakes the executor for what was acked, also before a fault in the same frame", () => {
  const { core, opener, executorBell } = openSpout(2);
  const take = (slot: number, behind: readonly number[]) => {
    const generation = opener.generationOf(slot);
    const merger = new AckMerger();
    merger.add(4, LIFE, { slot, generation, kind: ACK_KIND.ack, xorLow: 1, xorHigh: 1 });
    merger.drain({
      write: (frame, start, end) => {
        const peek = new PacketPeek();
        peek.peek(frame, start + 1, end);
        const bytes = Uint8Array.of(...frame.slice(0, end), ...behind);
        const { bodyStart } = peek;
        core.takeFrame(PACKET_FIELD.acks, { bytes, start, bodyStart, end: bytes.length });
      },
    });
  };
  executorBell.prepareSleep();
  take(0, []);
  expect([executorBell.isSleeping, outcomes(opener)]).toEqual([false, [OUTCOME.acked]]);
  executorBell.prepareSleep();
  // A record that is cut.
  expect(() => take(1, [0x22, 50, 8])).toThrow("Read a length");
  expect([executorBell.isSleeping, outcomes(opener)]).toEqual([false, [OUTCOME.acked]]);
});

test("GatewayCore pauses its spout for back pressure until there is none, or the link ends", () => {
  const { core, pauses, clock } = openCore();
  core.takePressure([]);
  expect(pauses).toEqual([]);
  core.takePressure([3]);
  clock.nowMs = 10;
  core.takePressure([3, 4]);
  expect(pauses).toEqual([true]);
  core.takePressure([]);
  clock.nowMs = 20;
  expect(pauses).toEqual([true, false]);
  expect(core.pressureMs).toBe(10);
  core.takePressure([4]);
  clock.nowMs = 25;
  core.detach();
  expect(pauses).toEqual([true, false, true, false]);
  clock.nowMs = 99;
  expect(core.pressureMs).toBe(15);
});
