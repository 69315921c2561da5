/**
 * Terms of topology masters over the store that a local cluster has: each life goes on from what
 * the one before it left, which was not asked to end.
 */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStateManager } from "../../cmd/wiring.ts";
import { RegisterStmgrSchema, TaskEndedSchema } from "../../src/base/gen/heron_bin/packet_pb.ts";
import { type HeronError, ManualClock, systemClock } from "../../src/base/mod.ts";
import { until } from "../../src/state/conformance.ts";
import { beginTerm, type TmTerm } from "../../src/tm/mod.ts";
import { drawTopology } from "../support/definitions.ts";
import { pack } from "../support/plans.ts";

const PACKED = pack(drawTopology("s b", { config: { "topology.stmgrs": 1 } }));

async function inFolder(run: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), "heron-tm-"));
  try {
    await run(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** What a life of the topology master said, and its term. */
async function begin(root: string, counter: number) {
  const said: string[] = [];
  const lost: HeronError[] = [];
  const term: TmTerm = await beginTerm({
    state: await openStateManager(root, systemClock),
    ...PACKED,
    schedulerEpoch: 1,
    cycleStallMs: 10_000,
    leaseMs: 60_000,
    holder: `tm ${counter}`,
    life: { party: "tm", epoch: 3, counter },
    // No time passes: nothing may be waited for.
    clock: new ManualClock(),
    news: {
      running: () => void said.push("running"),
      ended: () => void said.push("ended"),
      stalled: () => {},
      report: () => {},
    },
    onLost: (error) => void lost.push(error),
  });
  term.acting()?.start();
  return { term, said, lost };
}

const LINK = { send: () => {}, sendFrame: () => {}, close: () => {} };

const REGISTRATION = create(RegisterStmgrSchema, {
  stmgr: { id: "stmgr-1", hostName: "127.0.0.1", dataPort: 7001, localEndpoint: "/unused" },
  incarnation: { epoch: 1, counter: 1 },
  instances: [1, 2].map((taskId) => ({
    instanceId: `i${taskId}`,
    stmgrId: "stmgr-1",
    info: { taskId, componentIndex: 0, componentName: taskId === 1 ? "s" : "b" },
  })),
});

test("terms follow each other at once, each with the plan and the ends of the one before", () =>
  inFolder(async (root) => {
    const first = await begin(root, 1);
    first.term.acting()?.registerStmgr(LINK, REGISTRATION);
    await until(() => first.said.includes("running"));
    const second = await begin(root, 2);
    expect(second.said).toEqual(["running"]);
    expect(second.term.acting()?.update?.plan?.stmgrs[0]?.dataPort).toBe(7001);
    await until(() => first.lost.length === 1);
    expect(first.term.acting()).toBeUndefined();
    for (const task of [1, 2]) {
      second.term.acting()?.taskEnded(create(TaskEndedSchema, { task }));
    }
    await until(() => second.said.includes("ended"));
    const third = await begin(root, 3);
    expect(third.said).toEqual(["running", "ended"]);
    expect(third.term.leaseNumber).toBe(3n);
    await third.term.release();
  }));
