import { expect, test } from "bun:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { LivesSchema } from "../gen/heron_bin/packet_pb.ts";
import { type HelloTable, NO_LIVES, packTable, unpackTable } from "./hello_table.ts";

const TABLE: HelloTable = {
  tasks: [
    { task: 1, incarnation: { epoch: 3, counter: 2 ** 32 - 1 } },
    { task: 2 ** 31 - 1, incarnation: { epoch: 0, counter: 1 } },
  ],
  stmgrs: [{ stmgr: "stmgr-7", incarnation: { epoch: 4, counter: 1 } }],
};

function travelled(table: HelloTable) {
  return fromBinary(LivesSchema, toBinary(LivesSchema, create(LivesSchema, packTable(table))));
}

test("unpackTable() gives back what packTable() took", () => {
  expect(unpackTable(travelled(TABLE))).toEqual(TABLE);
  expect(packTable(NO_LIVES)).toBeUndefined();
  expect(unpackTable(undefined)).toEqual(NO_LIVES);
});

test("unpackTable() leaves out what is cut off", () => {
  const lives = travelled(TABLE);
  expect(unpackTable({ ...lives, tasks: lives.tasks.slice(0, 5) }).tasks).toEqual(
    TABLE.tasks.slice(0, 1),
  );
  expect(unpackTable({ ...lives, stmgrs: [4] }).stmgrs).toEqual([]);
  expect(unpackTable({ ...lives, stmgrIds: [] }).stmgrs).toEqual([]);
});
