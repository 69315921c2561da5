import { expect, test } from "bun:test";
import { Places } from "./places.ts";

const MIB = 1024 * 1024;

function placesOf(ramMib: readonly number[], containerMib: number, count = 6): Places {
  const nodes = ramMib.map((mib, at) => ({ name: `n${at + 1}`, places: 2, ramMib: mib }));
  const sizes = Array.from({ length: count }, (_, container) => ({
    container,
    cpus: 1,
    ramBytes: containerMib * MIB,
  }));
  return new Places({ nodes }, sizes);
}

test("Places keeps each container on its node while the job has it", () => {
  const places = placesOf([200, 200, 200], 100);
  expect([0, 1, 2, 3, 4, 5].map((container) => places.place(container)))
    .toEqual(["n1", "n1", "n2", "n2", "n3", "n3"]);
  expect(places.see(["n1", "n2", "n3"])).toEqual([]);
  expect(() => places.sizeOf(6)).toThrow("Start container 6: not found");
});

test("Places moves containers of a lost node where there is memory for them, one by one", () => {
  const places = placesOf([200, 300, 350], 100);
  expect(places.see(["n2", "n3"])).toEqual(["n1"]);
  expect(places.see(["n2", "n3"])).toEqual([]);
  expect(places.isLost("n1")).toBe(true);
  // Those that were there need the room as well.
  expect([0, 1].map((container) => places.place(container))).toEqual(["n3", "n2"]);
  expect(places.nodeOf(0)).toBe("n3");
  // Lost again, it goes nowhere: it says where it was.
  expect(places.see(["n2"])).toEqual(["n3"]);
  expect(places.place(0)).toBeUndefined();
  expect(places.nodeOf(0)).toBe("n3");
});

test("Places spreads containers of a lost node where memory is not handed out", () => {
  const places = placesOf([Infinity, Infinity, Infinity], 100);
  places.see(["n2", "n3"]);
  expect([0, 1].map((container) => places.place(container))).toEqual(["n2", "n3"]);
});

test("Places lets containers share what a job has that did not ask for what they need", () => {
  const asked = placesOf([200, 200, 200], 100);
  expect(asked.ramMibOf(1)).toBe(100);
  const places = placesOf([200, 150, 200], 100);
  expect(places.ramMibOf(1)).toBe(0);
  places.see(["n2", "n3"]);
  expect([0, 1].map((container) => places.place(container))).toEqual(["n2", "n3"]);
});

test("Places takes the word of an earlier scheduler", () => {
  const places = placesOf([200, 200, 200], 100);
  places.found(1, "n3");
  expect(places.place(1)).toBe("n3");
  places.found(1, "m7");
  expect(places.place(1)).toBe("n3");
});
