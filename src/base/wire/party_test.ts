import { expect, test } from "bun:test";
import { Role } from "../gen/heron_bin/packet_pb.ts";
import { compareIncarnations, createParty, formatParty, isSameParty } from "./party.ts";

test("formatParty() names role, id and life", () => {
  const party = createParty({ role: Role.TM, id: "tm", incarnation: { epoch: 2, counter: 7 } });
  expect(formatParty(party)).toBe("tm tm 2.7");
  expect(formatParty(createParty({ role: Role.CLI, id: "cli" }))).toBe("cli cli");
  expect(formatParty(undefined)).toBe("nobody");
});

test("isSameParty() looks at role and id alone", () => {
  const one = createParty({ role: Role.TM, id: "tm", incarnation: { epoch: 2, counter: 7 } });
  expect(isSameParty(one, { role: Role.TM, id: "tm" })).toBe(true);
  expect(isSameParty(one, { role: Role.STMGR, id: "tm" })).toBe(false);
  expect(isSameParty(one, { role: Role.TM, id: "tm2" })).toBe(false);
});

test("compareIncarnations() orders by epoch, then counter; none is the oldest", () => {
  const at = (epoch: number, counter: number) => ({ epoch, counter });
  expect(compareIncarnations(at(1, 9), at(2, 1))).toBeLessThan(0);
  expect(compareIncarnations(at(2, 2), at(2, 1))).toBeGreaterThan(0);
  expect(compareIncarnations(at(2, 2), at(2, 2))).toBe(0);
  expect(compareIncarnations(undefined, at(0, 1))).toBeLessThan(0);
});
