import { expect, test } from "bun:test";
import { create, toBinary } from "@bufbuild/protobuf";
import { LossNoticeSchema } from "../../base/gen/heron_bin/packet_pb.ts";
import { leadsTo, readLost } from "./loss.ts";

function bytesOf(init: Parameters<typeof create<typeof LossNoticeSchema>>[1]): Uint8Array {
  return toBinary(LossNoticeSchema, create(LossNoticeSchema, init));
}

test("readLost() tells tasks from links, and whether all that is lost is known", () => {
  const task = bytesOf({ id: 3, lost: { case: "task", value: 7 }, settled: true });
  expect(readLost(task, 0, task.length)).toEqual({ kind: "task", id: 3, settled: true, task: 7 });
  const link = bytesOf({
    id: 4,
    lost: { case: "link", value: { firstStmgr: "stmgr-1", secondStmgr: "stmgr-2" } },
  });
  expect(readLost(link, 0, link.length)).toEqual({
    kind: "link",
    id: 4,
    settled: false,
    first: "stmgr-1",
    second: "stmgr-2",
  });
});

test("leadsTo() names the channels to a lost task, and those over a lost link both ways", () => {
  const task = { kind: "task", id: 1, settled: true, task: 7 } as const;
  expect(leadsTo(task, { task: 7, here: "a", there: "a" })).toBe(true);
  expect(leadsTo(task, { task: 8, here: "a", there: "a" })).toBe(false);
  const link = { kind: "link", id: 1, settled: false, first: "a", second: "b" } as const;
  expect(leadsTo(link, { task: 7, here: "a", there: "b" })).toBe(true);
  expect(leadsTo(link, { task: 7, here: "b", there: "a" })).toBe(true);
  expect(leadsTo(link, { task: 7, here: "a", there: "c" })).toBe(false);
  expect(leadsTo(link, { task: 7, here: "a", there: "a" })).toBe(false);
});
