import { expect, test } from "bun:test";
import { decodePacket } from "../../base/wire/mod.ts";
import { Relief } from "./relief.ts";

test("Relief.look() says that half is free, once for each time it was asked", () => {
  const told: number[] = [];
  const relief = new Relief({
    taskId: 7,
    budgetBytes: 100,
    sink: {
      write: (bytes, start, end) => {
        const { body } = decodePacket(bytes, start + 1, end);
        if (body.case === "relieved") told.push(body.value.task);
      },
    },
  });
  relief.look(0);
  expect(told).toEqual([]);
  relief.ask();
  relief.look(51);
  expect(told).toEqual([]);
  relief.look(50);
  relief.look(0);
  expect(told).toEqual([7]);
  relief.ask();
  relief.ask();
  relief.look(0);
  relief.look(0);
  expect(told).toEqual([7, 7]);
});
