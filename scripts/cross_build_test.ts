/** Tests of how the machine of a binary is known; the builds themselves are a step of `bun run test`. */

import { expect, test } from "bun:test";
import { machineOf } from "./cross_build.ts";

/** The beginning of an executable with these bytes at these places. */
function header(bytes: Readonly<Record<number, number>>): Uint8Array {
  const made = new Uint8Array(64);
  for (const [place, byte] of Object.entries(bytes)) made[Number(place)] = byte;
  return made;
}

test("machineOf() tells machines apart by the header of ELF and Mach-O files", () => {
  const elf = { 0: 0x7f, 1: 0x45, 2: 0x4c, 3: 0x46, 4: 2 };
  expect(machineOf(header({ ...elf, 18: 62 }))).toBe("linux-x64");
  expect(machineOf(header({ ...elf, 18: 183 }))).toBe("linux-arm64");
  expect(machineOf(header({ ...elf, 18: 243 }))).toBe("an unknown machine (7f454c46 f3)");
  const mach = { 0: 0xcf, 1: 0xfa, 2: 0xed, 3: 0xfe, 4: 0x0c, 7: 1 };
  expect(machineOf(header(mach))).toBe("darwin-arm64");
  expect(machineOf(header({ 0: 0x23, 1: 0x21 }))).toBe("an unknown machine (23210000 0)");
});
