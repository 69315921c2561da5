import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { NoCreditSchema } from "../base/gen/heron_bin/packet_pb.ts";
import { BackPressure } from "./back_pressure.ts";

const LIFE = { epoch: 1, counter: 1 };

/** Back pressure whose tasks are all connected but `absent`. */
function openPressure(absent: readonly number[] = []) {
  const asked: number[] = [];
  const told: string[] = [];
  const changes: string[] = [];
  const pressure = new BackPressure({
    reportMs: 100,
    ports: {
      ask: (task) => {
        asked.push(task);
        return !absent.includes(task);
      },
      tellPeers: (culprits) => void told.push(culprits.join(" ")),
      changed: (culprits) => void changes.push([...culprits].sort().join(" ")),
    },
  });
  return { pressure, asked, told, changes };
}

function wait(culprit: number, change: { source?: number; wait?: number; over?: boolean } = {}) {
  return create(NoCreditSchema, { culprit, source: 1, incarnation: LIFE, wait: 1, ...change });
}

test("noCredit() asks the task, and announces it when it does not answer soon", () => {
  const { pressure, asked, told, changes } = openPressure();
  pressure.noCredit(wait(5), 1_000);
  pressure.noCredit(wait(5, { source: 2 }), 1_010);
  expect(asked).toEqual([5]);
  expect(pressure.dueMs).toBe(1_020);
  pressure.timer(1_019);
  expect(pressure.announced).toEqual([]);
  pressure.timer(1_020);
  expect(pressure.announced).toEqual([5]);
  expect(told).toEqual(["5"]);
  expect(changes).toEqual(["5"]);
  pressure.relieved(5, 1_500);
  expect(told).toEqual(["5", ""]);
  expect(changes).toEqual(["5", ""]);
  expect(pressure.own(2_000)).toBe(480);
  expect(pressure.of(5, 2_000)).toBe(480);
  expect(pressure.of(6, 2_000)).toBe(0);
  expect(pressure.dueMs).toBeUndefined();
});

test("relieved() at once keeps a task from being announced, and answers repetitions too", () => {
  const { pressure, asked, told } = openPressure();
  pressure.noCredit(wait(5), 0);
  pressure.relieved(5, 5);
  pressure.timer(20);
  pressure.noCredit(wait(5), 1_000);
  pressure.timer(1_020);
  expect(asked).toEqual([5]);
  expect(told).toEqual([]);
  pressure.noCredit(wait(5, { wait: 2 }), 2_000);
  expect(asked).toEqual([5, 5]);
});

test("timer() withdraws an announcement that nobody repeats his wait for", () => {
  const { pressure, told } = openPressure();
  pressure.noCredit(wait(5), 0);
  pressure.timer(20);
  pressure.noCredit(wait(5), 1_000);
  pressure.timer(3_500);
  expect(pressure.announced).toEqual([5]);
  expect(pressure.dueMs).toBe(4_500);
  pressure.timer(4_500);
  expect(told).toEqual(["5", ""]);
  expect(pressure.dueMs).toBeUndefined();
});

test("noCredit() withdraws an announcement once the last wait is over", () => {
  const { pressure, told } = openPressure();
  pressure.noCredit(wait(5), 0);
  pressure.noCredit(wait(5, { source: 2 }), 0);
  pressure.timer(20);
  pressure.noCredit(wait(5, { over: true }), 30);
  expect(pressure.announced).toEqual([5]);
  pressure.noCredit(wait(5, { source: 2, over: true }), 40);
  expect(told).toEqual(["5", ""]);
  pressure.noCredit(wait(6, { over: true }), 50);
  expect(pressure.dueMs).toBeUndefined();
});

test("taskLost() withdraws, and its next life is asked anew", () => {
  const { pressure, asked, told } = openPressure();
  pressure.noCredit(wait(5), 0);
  pressure.timer(20);
  pressure.taskLost(5, 30);
  expect(told).toEqual(["5", ""]);
  pressure.noCredit(wait(5), 1_000);
  expect(asked).toEqual([5, 5]);
  pressure.taskLost(5, 1_010);
  pressure.timer(2_000);
  expect(told).toEqual(["5", ""]);
});

test("noCredit() announces nobody who is not connected, and asks again when it is repeated", () => {
  const { pressure, asked, told } = openPressure([5]);
  pressure.noCredit(wait(5), 0);
  pressure.timer(1_000);
  expect(told).toEqual([]);
  pressure.noCredit(wait(5), 1_000);
  expect(asked).toEqual([5, 5]);
});

test("peerAnnounces() holds until the peer says otherwise or is lost", () => {
  const { pressure, told, changes } = openPressure();
  pressure.peerLost("stmgr-2", 0);
  expect(changes).toEqual([]);
  pressure.peerAnnounces("stmgr-2", [7, 8], 10);
  pressure.peerAnnounces("stmgr-3", [8], 20);
  pressure.peerAnnounces("stmgr-2", [7], 30);
  expect(pressure.announcedBy("stmgr-2")).toEqual([7]);
  expect(pressure.announcedBy("stmgr-4")).toEqual([]);
  pressure.noCredit(wait(5), 30);
  pressure.timer(50);
  expect(changes).toEqual(["7 8", "7 8", "7 8", "5 7 8"]);
  pressure.peerLost("stmgr-2", 60);
  pressure.peerAnnounces("stmgr-3", [], 70);
  expect(changes.slice(4)).toEqual(["5 8", "5"]);
  expect(pressure.byPeers(100)).toBe(60);
  expect(told).toEqual(["5"]);
});
