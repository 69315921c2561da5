import { expect, test } from "bun:test";
import { HeronError } from "../../base/mod.ts";
import { UndoList } from "./undo_list.ts";

test("UndoList undoes the last first, whatever fails, and once", async () => {
  const undone: string[] = [];
  const list = new UndoList();
  list.add("a", () => Promise.resolve(undone.push("a")));
  list.add("b", () => Promise.reject(new HeronError("io", "no disk")));
  list.add("c", () => Promise.resolve(undone.push("c")));
  expect(await list.undo()).toEqual(["b (no disk)"]);
  expect(undone).toEqual(["c", "a"]);
  expect(await list.undo()).toEqual([]);
});
