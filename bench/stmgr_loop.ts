/**
 * The stream manager's core alone, with what stands before and behind it in its process: chunks as
 * they come from sockets are cut into frames, routed by their task, and copied behind what waits for
 * a connection. Five containers of 20 tasks: 20 local tasks, 4 peers, 100 destinations. Half load:
 * in each turn half of the connections bring a chunk, with a small batch for every other destination.
 */

import { TopologyBuilder, type TopologyDefinition } from "../src/api/mod.ts";
import { encodeFrame, FrameDecoder, PacketPeek } from "../src/base/wire/mod.ts";
import type { Link, StmgrCore } from "../src/stmgr/mod.ts";
import { planOf } from "../tests/support/plans.ts";
import { openCore } from "../tests/support/stmgr_bench.ts";
import type { CoreFigures } from "./figures.ts";
import { percentile } from "./statistics.ts";

const CONTAINERS = 5;
const TASKS = 100;
const TUPLES_A_BATCH = 8;
const FRAME_BYTES_MAX = 1 << 24;
/** What a link takes before it is written, as a socket's outbox does. */
const WRITE_BYTES = 32 * 1024;
/** The time is taken of slices this long; the median counts, so a pause of others is in few. */
const SLICE_MS = 50;

const copyBytes = Buffer.prototype.copy;

/** A link that copies what is sent behind what waits, and forgets it at the end of the turn. */
class CopyLink implements Link {
  readonly queuedBytes = 0;
  readonly #bytes = new Uint8Array(4 * WRITE_BYTES);
  #length = 0;

  sendFrame(bytes: Uint8Array, start: number, end: number): void {
    copyBytes.call(bytes, this.#bytes, this.#length, start, end);
    this.#length += end - start;
    if (this.#length >= WRITE_BYTES) this.flush();
  }

  flush(): void {
    this.#length = 0;
  }

  close(): void {
    throw new Error("Measure the core: it closed a link");
  }
}

/** What comes on one connection: two chunks, for the even and for the odd destinations. */
interface Feed {
  readonly isPeer: boolean;
  readonly chunks: readonly (readonly [bytes: Uint8Array, batches: number])[];
  readonly decoder: FrameDecoder;
}

/** Runs it for so long. */
export function measureStmgrCore(seconds: number): CoreFigures {
  const links: CopyLink[] = [];
  const { core, feeds } = openStmgr(links);
  const slices: number[] = [];
  let turn = 0;
  for (const endMs = performance.now() + seconds * 1000; performance.now() < endMs;) {
    const startMs = performance.now();
    let batches = 0;
    let elapsedMs = 0;
    while (elapsedMs < SLICE_MS) {
      for (let index = turn % 2; index < feeds.length; index += 2) {
        const feed = feeds[index];
        if (feed !== undefined) batches += take(core, feed, turn);
      }
      for (const link of links) link.flush();
      turn++;
      elapsedMs = performance.now() - startMs;
    }
    slices.push(elapsedMs * 1e6 / batches);
  }
  // The first half is the warm-up.
  const warm = slices.slice(Math.floor(slices.length / 2));
  return {
    kind: "core",
    workload: "stmgr",
    mode: "amo",
    ns: { batch_p50: percentile(warm, 0.5), batch_p99: percentile(warm, 0.99) },
  };
}

/** One chunk of a connection; returns how many batches it was. */
function take(core: StmgrCore, feed: Feed, turn: number): number {
  // Each connection has its turn every other turn, so the chunks alternate too.
  const chunk = feed.chunks[(turn >> 1) % feed.chunks.length];
  if (chunk === undefined) return 0;
  const [bytes, batches] = chunk;
  feed.decoder.feed(bytes, 0, {
    frame(bytes, { start, packetStart, end }) {
      PEEK.peek(bytes, packetStart, end);
      const { body, bodyStart } = PEEK;
      const frame = { bytes, start, bodyStart, end };
      if (feed.isPeer) core.fromPeer(body, frame);
      else core.fromInstance(body, frame);
      return true;
    },
  });
  return batches;
}

const PEEK = new PacketPeek();

function openStmgr(links: CopyLink[]): { core: StmgrCore; feeds: Feed[] } {
  const update = planOf(hundredTasks());
  const instances = update.plan?.instances ?? [];
  const local = instances.filter(({ stmgrId }) => stmgrId === "stmgr-1");
  const { core } = openCore(1, {
    localTasks: local.map(({ instanceId, info }) => ({
      taskId: info?.taskId ?? NaN,
      instanceId,
      component: info?.componentName ?? "",
      componentIndex: info?.componentIndex ?? NaN,
    })),
  });
  core.takePlan(update, 0);
  const feeds: Feed[] = [];
  const all = instances.map(({ info }) => info?.taskId ?? NaN);
  const here = local.map(({ info }) => info?.taskId ?? NaN);
  for (const taskId of here) {
    const link = new CopyLink();
    links.push(link);
    core.registerInstance(link, { taskId, life: { epoch: 1, counter: taskId }, answer: () => {} });
    feeds.push(feedOf(false, taskId, all));
  }
  for (let container = 2; container <= CONTAINERS; container++) {
    const link = new CopyLink();
    links.push(link);
    core.peerOpened(link, { stmgrId: `stmgr-${container}`, life: { epoch: 1, counter: 1 } }, 0);
    feeds.push(feedOf(true, all.find((task) => !here.includes(task)) ?? NaN, here));
  }
  return { core, feeds };
}

function hundredTasks(): TopologyDefinition {
  const builder = new TopologyBuilder("hundred");
  builder.setSpout("source", {
    nextTuple() {},
    declareOutputFields: (declarer) => declarer.declare(["word"]),
  }, TASKS / 2);
  builder.setBolt("sink", { execute() {} }, TASKS / 2).shuffleGrouping("source");
  return builder.createTopology({ "topology.stmgrs": CONTAINERS }).definition;
}

function feedOf(isPeer: boolean, source: number, destinations: readonly number[]): Feed {
  const chunks = [0, 1].map((parity) => {
    const chosen = destinations.filter((_, index) => index % 2 === parity);
    const frames = chosen.map((task) => batchFrame(source, task));
    return [Uint8Array.from(Buffer.concat(frames)), frames.length] as const;
  });
  return { isPeer, chunks, decoder: new FrameDecoder(FRAME_BYTES_MAX) };
}

/** A batch of words of 20 characters. */
function batchFrame(sourceTask: number, destinationTask: number): Uint8Array {
  // MessagePack: a string of 20 bytes.
  const values = Uint8Array.from([0xb4, ...new TextEncoder().encode("0123456789abcdefghij")]);
  return encodeFrame({
    body: {
      case: "batch",
      value: {
        destinationTask,
        sourceTask,
        sourceEpoch: 1,
        sourceCounter: sourceTask,
        planVersion: 1,
        offset: 1_000_000n,
        runs: [{ stream: 0, tuples: Array.from({ length: TUPLES_A_BATCH }, () => ({ values })) }],
      },
    },
  });
}
