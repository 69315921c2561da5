/** User code in a test: what it throws, what it waits for, what it reports. */

import { expect, test } from "bun:test";
import { acked, boltOf, failureOf, textSpout } from "../../tests/support/kit_topologies.ts";
import { type Topology, TopologyBuilder } from "../api/mod.ts";
import { createTestTopology } from "./test_topology.ts";

test("run() rejects with what user code throws: component, task, method and the user's error", async () => {
  const broken = new TypeError("seven is too much");
  const throwing = acked(() =>
    boltOf(() => {
      throw broken;
    })
  );
  await using topology = await createTestTopology(throwing, { mockSpouts: { text: [["7"]] } });
  const failure = await failureOf(topology.run());
  expect(failure.code).toBe("user_code");
  expect(failure.message).toMatch(
    /^Run "bolt": task \d \(bolt\[0\]\) threw in execute: TypeError: seven is too much$/,
  );
  expect(failure.cause).toBe(broken);
  expect(await failureOf(topology.advance(1))).toBe(failure);
});

test("run() rejects with what the promise of user code is rejected with", async () => {
  const rejecting = acked(() => boltOf(() => Promise.reject(new Error("no such order"))));
  await using topology = await createTestTopology(rejecting, { mockSpouts: { text: [["7"]] } });
  expect((await failureOf(topology.run())).message).toContain("threw in execute: Error: no such");
});

test("createTestTopology() rejects with what prepare throws", async () => {
  const throwing = acked(() => ({
    prepare() {
      throw new Error("no connection");
    },
    execute() {},
    declareOutputFields: (declarer) => declarer.declare(["text"]),
  }));
  expect((await failureOf(createTestTopology(throwing))).message).toContain("threw in prepare");
});

test("run() waits for promises of user code in real time, and virtual time stands still", async () => {
  const waiting = acked(() =>
    boltOf(async (tuple, collector) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      collector.emit(tuple, [`${tuple.getString(0)}!`]);
      collector.ack(tuple);
    })
  );
  const mockSpouts = { text: [["a"], ["b"], ["c"]] };
  await using topology = await createTestTopology(waiting, { mockSpouts });
  await topology.run();
  expect(topology.values("bolt")).toEqual([["a!"], ["b!"], ["c!"]]);
  expect(topology.nowMs).toBeLessThan(1_000);
});

test("run() lets virtual time go on while calls wait for each other, if it is told to", async () => {
  let waiting: (() => void) | undefined;
  const pairing = (): Topology => {
    const builder = new TopologyBuilder("pairs");
    builder.setSpout("text", textSpout());
    // The first task waits until the other has its tuple.
    const pair = boltOf(async () => {
      if (waiting !== undefined) return waiting();
      await new Promise<void>((resolve) => void (waiting = resolve));
    });
    builder.setBolt("pair", pair, 2).allGrouping("text");
    return builder.createTopology();
  };
  await using topology = await createTestTopology(pairing, {
    mockSpouts: { text: [["a"]] },
    realTimeLimitMs: 0,
  });
  await topology.run();
  expect(topology.inputs("pair")).toHaveLength(2);
});

test("run() gives up on a promise that is never settled, and names the call", async () => {
  const stuck = acked(() => boltOf(() => new Promise<void>(() => {})));
  await using topology = await createTestTopology(stuck, {
    mockSpouts: { text: [["a"]] },
    realTimeLimitMs: 50,
  });
  const failure = await failureOf(topology.run());
  expect(failure.code).toBe("timeout");
  expect(failure.message).toContain("bolt[0].execute");
});

test("errors() tells what a component reports", async () => {
  const reporting = acked(() =>
    boltOf((tuple, collector) => {
      collector.reportError(new Error("odd"));
      collector.ack(tuple);
    })
  );
  await using topology = await createTestTopology(reporting, { mockSpouts: { text: [["a"]] } });
  await topology.run();
  expect(topology.errors("bolt")).toMatchObject([{ component: "bolt", taskIndex: 0 }]);
  expect(topology.errors("bolt")[0]?.message).toBe("Error: odd");
});
