import { expect, test } from "bun:test";
import { HeronError } from "../../base/mod.ts";
import { ErrorReports } from "./error_reports.ts";

function create() {
  const told: [message: string, count: number][] = [];
  let turns = 0;
  const reports = new ErrorReports(
    ({ message }, count) => void told.push([message, count]),
    () => turns++,
  );
  return { reports, take: () => told.splice(0), turns: () => turns };
}

test("ErrorReports tells of the first of a kind at once, of the same again once a second", () => {
  const { reports, take, turns } = create();
  const error = new TypeError("bad record");
  for (let index = 0; index < 1000; index++) reports.report(error);
  expect(take()).toEqual([["TypeError: bad record", 1]]);
  expect([turns(), reports.tend(5)]).toEqual([1, 1005]);
  expect(reports.tend(1004)).toBe(1005);
  expect(take()).toEqual([]);
  expect(reports.tend(1005)).toBeUndefined();
  expect(take()).toEqual([["TypeError: bad record", 999]]);
  expect(reports.tend(9000)).toBeUndefined();
  reports.report(error);
  expect(take()).toEqual([["TypeError: bad record", 1]]);
});

test("ErrorReports tells of few kinds, and how many the others were", () => {
  const { reports, take } = create();
  for (let index = 0; index < 50; index++) reports.report(`kind ${index}`);
  expect(take().length).toBe(16);
  reports.end();
  expect(take()).toEqual([["more than 16 different errors in a second: these are the rest", 34]]);
});

test("ErrorReports tells of user code's errors as such, and of ours by their own code", () => {
  const codes: string[] = [];
  const reports = new ErrorReports(({ code }) => void codes.push(code), () => {});
  reports.report(new Error("bad record"));
  reports.report(new HeronError("unavailable", "Read a record: found nobody"));
  reports.report("a text");
  expect(codes).toEqual(["user_code", "unavailable", "user_code"]);
});
