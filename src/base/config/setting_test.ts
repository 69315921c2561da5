import { expect, test } from "bun:test";
import { choice, flag, integer, powerOfTwo, text } from "./setting.ts";

test("integer() reads numbers and their texts within the limits", () => {
  const setting = integer(5, { min: 1, max: 10 });
  expect(setting.byDefault).toBe(5);
  expect(setting.read(1)).toEqual({ value: 1 });
  expect(setting.read("10")).toEqual({ value: 10 });
  const expected = { expected: "a whole number from 1 to 10" };
  for (const bad of [0, 11, 1.5, NaN, Infinity, true, "", " ", "ten", "1e1", "0x5", "5.0"]) {
    expect(setting.read(bad)).toEqual(expected);
  }
});

test("powerOfTwo() refuses what lies between two powers", () => {
  const setting = powerOfTwo(8, { min: 4, max: 64 });
  expect(setting.read(64)).toEqual({ value: 64 });
  expect(setting.read("4")).toEqual({ value: 4 });
  for (const bad of [2, 12, 63, 65, 128]) {
    expect(setting.read(bad)).toEqual({ expected: "a power of two from 4 to 64" });
  }
});

test("flag() reads booleans and their texts, nothing else", () => {
  expect(flag(false).read("true")).toEqual({ value: true });
  expect(flag(true).read(false)).toEqual({ value: false });
  for (const bad of [1, 0, "yes", ""]) {
    expect(flag(false).read(bad)).toEqual({ expected: "true or false" });
  }
});

test("text() takes any text and no number", () => {
  expect(text("").read("7")).toEqual({ value: "7" });
  expect(text("").read(7)).toEqual({ expected: "a text" });
});

test("choice() tells what is planned from what is unknown", () => {
  const setting = choice(["NOW"], ["LATER"]);
  expect(setting.byDefault).toBe("NOW");
  expect(setting.read("NOW")).toEqual({ value: "NOW" });
  expect(setting.read("LATER")).toEqual({ expected: '"NOW": this version has no other yet' });
  expect(setting.read("now")).toEqual({ expected: '"NOW"' });
  expect(choice([2], [1]).read("2")).toEqual({ value: 2 });
});
