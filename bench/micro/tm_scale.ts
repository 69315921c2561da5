/**
 * `bun bench/micro/tm_scale.ts [--containers N] [--tasks N]`: what the size of a topology costs
 * its topology master and its mesh. The cores in one process, without sockets: the plan made,
 * stored as bytes, sent and sent again; a heartbeat; a receiver's plan; the hellos of the mesh.
 */

import { parseArgs } from "node:util";
import { PhysicalPlanSchema } from "../../src/base/gen/heron/physical_plan_pb.ts";
import { type PlanUpdate, PlanUpdateSchema } from "../../src/base/gen/heron_bin/packet_pb.ts";
import { decodePacket, encodeFrame } from "../../src/base/wire/mod.ts";
import { encodeRecord } from "../../src/plan/mod.ts";
import type { StmgrCore } from "../../src/stmgr/mod.ts";
import {
  openLarge,
  packLarge,
  registerAll,
  registrationOf,
} from "../../tests/support/large_cluster.ts";
import { openCore } from "../../tests/support/stmgr_bench.ts";

const RUNS = 5;
const HEARTBEATS = 200_000;

/** The median of some runs, in milliseconds. */
function medianMs(run: () => void, runs = RUNS): number {
  const times = Array.from({ length: runs }, () => {
    const startMs = performance.now();
    run();
    return performance.now() - startMs;
  });
  return times.sort((a, b) => a - b)[runs >> 1] ?? NaN;
}

function print(what: string, figure: string): void {
  console.log(`  ${what.padEnd(60)}${figure.padStart(14)}`);
}

/** A plan's way: made, stored, sent, sent again when something changed, and after a restart. */
function measurePlan(containers: number, tasks: number): PlanUpdate {
  const packed = packLarge(containers, tasks);
  let update: PlanUpdate | undefined;
  let frameBytes = 0;
  const store = (plan: PlanUpdate | undefined): void => {
    if (plan?.plan === undefined) throw new Error("Measure: no plan was made");
    encodeRecord(PhysicalPlanSchema, plan.plan);
    encodeRecord(PlanUpdateSchema, plan);
  };
  const first = medianMs(() => {
    const cluster = openLarge(packed);
    for (const [index, record] of cluster.registrations.entries()) {
      const link = cluster.links[index];
      if (link !== undefined) cluster.core.registerStmgr(link, record);
    }
    store(cluster.plans[0]);
    cluster.core.planStored();
    update = cluster.plans[0];
    frameBytes = cluster.links[0]?.frames[0]?.length ?? 0;
  });
  const cluster = openLarge(packed);
  registerAll(cluster);
  let port = 7000;
  const again = medianMs(() => {
    const [link] = cluster.links;
    if (link !== undefined) cluster.core.registerStmgr(link, registrationOf(packed, 0, ++port));
    store(cluster.plans.at(-1));
    cluster.core.planStored();
  });
  const restart = medianMs(() => registerAll(openLarge(packed, update)));
  print("all register, plan made, stored as bytes, sent to all", `${first.toFixed(0)} ms`);
  print("one moved: plan made, stored as bytes, sent to all", `${again.toFixed(0)} ms`);
  print("a new master: all register again, plan sent to all", `${restart.toFixed(0)} ms`);
  print("a plan's frame, the same bytes for all", `${(frameBytes / 1000).toFixed(0)} kB`);
  if (update === undefined) throw new Error("Measure: no plan was made");
  return update;
}

/** What one heartbeat costs. */
function measureHeartbeat(containers: number): void {
  const cluster = openLarge(packLarge(containers, 4 * containers));
  registerAll(cluster);
  const { core, links } = cluster;
  const ms = medianMs(() => {
    for (let beat = 0; beat < HEARTBEATS; beat++) {
      const link = links[beat % links.length];
      if (link !== undefined) core.heartbeat(link);
    }
  });
  print(`a heartbeat of ${containers} containers`, `${(ms / HEARTBEATS * 1e6).toFixed(0)} ns`);
}

/** What the plan costs who gets it, and what hellos between all stream managers cost. */
function measureMesh(update: PlanUpdate, containers: number): void {
  const frame = encodeFrame({ body: { case: "planUpdate", value: update } });
  const start = frame.findIndex((byte) => byte < 0x80) + 1;
  const decode = medianMs(() => void decodePacket(frame, start, frame.length));
  let core: StmgrCore | undefined;
  const take = medianMs(() => {
    core = openCore(0).core;
    core.takePlan(update, 0);
  });
  print("a stream manager: decodes the plan", `${decode.toFixed(0)} ms`);
  print("a stream manager: takes the plan, tells its instances", `${take.toFixed(0)} ms`);
  let bytes = 0;
  const hello = medianMs(() => {
    const value = core?.table() ?? {};
    bytes = encodeFrame({ body: { case: "welcome", value } }).length;
  });
  const peers = containers - 1;
  print("a hello's table of all lives", `${(bytes / 1000).toFixed(0)} kB`);
  print("the same, made and encoded", `${hello.toFixed(1)} ms`);
  print(`a stream manager: for its ${peers} peers`, `${(peers * hello / 1000).toFixed(1)} s`);
  print("the whole mesh, both directions", `${(peers * containers * bytes / 1e9).toFixed(1)} GB`);
}

const { values } = parseArgs({
  options: {
    containers: { type: "string", default: "1000" },
    tasks: { type: "string", default: "10000" },
  },
});
const [containers, tasks] = [Number(values.containers), Number(values.tasks)];
console.log(`${containers} containers, ${tasks} tasks, medians of ${RUNS}:`);
const update = measurePlan(containers, tasks);
for (const count of [10, 100, containers]) measureHeartbeat(count);
measureMesh(update, containers);
