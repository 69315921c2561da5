import { expect, test } from "bun:test";
import { TopologyState } from "../../base/gen/heron/topology_pb.ts";
import { Phase } from "../../base/gen/heron_bin/submission_pb.ts";
import { HeronError } from "../../base/mod.ts";
import type { Presence } from "../../scheduler/mod.ts";
import type { TopologyRecords } from "./topology_records.ts";
import { conditionOf } from "./topology_state.ts";

const ALIVE: Presence = { type: "alive" };
const GONE: Presence = { type: "gone", reason: "not there" };
const AWAY: Presence = { type: "unknown", reason: "elsewhere" };

function recordsOf(phase: Phase | undefined, reason = ""): TopologyRecords {
  // Only what is read.
  return {
    name: "words",
    executionState: {},
    submission: {},
    status: phase === undefined ? undefined : { phase, reason },
    faults: [],
  } as unknown as TopologyRecords;
}

function stateOf(phase: Phase | undefined, presence = ALIVE, planned?: TopologyState): string {
  return conditionOf(recordsOf(phase), { presence, planned }).state;
}

test("conditionOf() says what the scheduler said, unless that is gone", () => {
  expect(stateOf(undefined)).toBe("starting");
  expect(stateOf(Phase.STARTING)).toBe("starting");
  expect(stateOf(Phase.RUNNING, ALIVE, TopologyState.RUNNING)).toBe("running");
  expect(stateOf(Phase.RUNNING, ALIVE, TopologyState.PAUSED)).toBe("deactivated");
  expect(stateOf(Phase.STOPPING)).toBe("stopping");
  expect(stateOf(Phase.RUNNING, AWAY)).toBe("unknown");
  for (const phase of [undefined, Phase.STARTING, Phase.RUNNING, Phase.STOPPING]) {
    expect(stateOf(phase, GONE)).toBe("dead");
  }
  for (const presence of [ALIVE, GONE, AWAY]) {
    expect(stateOf(Phase.ENDED, presence)).toBe("ended");
    expect(stateOf(Phase.KILLED, presence)).toBe("killed");
    expect(stateOf(Phase.FAILED, presence)).toBe("failed");
  }
});

test("conditionOf() tells the reason, or the launcher's note", () => {
  const facts = { presence: ALIVE, planned: undefined };
  expect(conditionOf(recordsOf(Phase.FAILED, "it broke"), facts).reason).toBe("it broke");
  const noted = { presence: { type: "alive", note: "job 7" } as const, planned: undefined };
  expect(conditionOf(recordsOf(Phase.RUNNING), noted)).toEqual({
    state: "running",
    reason: "job 7",
  });
});

test("conditionOf() of one whose job waits, at first or again", () => {
  const job = { id: "7", nodes: "" };
  const queued: Presence = { type: "queued", reason: "job 7: it waits", isHopeless: false, job };
  for (const phase of [undefined, Phase.RUNNING, Phase.STOPPING, Phase.FAILED]) {
    expect(conditionOf(recordsOf(phase), { presence: queued, planned: undefined }))
      .toEqual({ state: "queued", reason: "job 7: it waits", job });
  }
  expect(stateOf(Phase.KILLED, queued)).toBe("killed");
});

test("conditionOf() tells which containers wait and why, before the launcher's note", () => {
  const down = (node: string, ...containers: number[]) =>
    containers.map((container) => ({ container, reason: `node ${node} is down` }));
  const records = recordsOf(Phase.RUNNING);
  // Only what is read.
  const status = { ...records.status, waiting: [...down("n3", 2, 5), ...down("n4", 7)] } as never;
  const noted = { presence: { type: "alive", note: "job 7" } as const, planned: undefined };
  expect(conditionOf({ ...records, status }, noted)).toEqual({
    state: "running",
    reason: "containers 2, 5 wait: node n3 is down; container 7 waits: node n4 is down; job 7",
  });
});

test("conditionOf() of records that are damaged or missing", () => {
  const facts = { presence: ALIVE, planned: undefined };
  const fault = new HeronError("corrupt", "half of it");
  expect(conditionOf({ ...recordsOf(Phase.RUNNING), faults: [fault] }, facts)).toEqual({
    state: "damaged",
    reason: "half of it",
  });
  const cut = { ...recordsOf(Phase.RUNNING), executionState: undefined };
  expect(conditionOf(cut, facts).state).toBe("damaged");
});
