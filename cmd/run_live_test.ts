/** Tests of the live view with a terminal, a console and a topology master that play their parts. */

import { create } from "@bufbuild/protobuf";
import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type MetricsAnswer, OutputSchema } from "../src/base/gen/heron_bin/packet_pb.ts";
import { ManualClock } from "../src/base/mod.ts";
import { answersOf, FACTS } from "../tests/support/live_figures.ts";
import { TerminalScreen } from "../tests/e2e/terminal_screen.ts";
import { LiveView, type LiveViewOptions } from "./run_live.ts";
import type { TerminalHandlers } from "./terminal.ts";

const root = await mkdtemp(join(tmpdir(), "heron-bin-view-"));
afterAll(() => rm(root, { recursive: true }));

interface Parts extends Partial<Pick<LiveViewOptions, "outputFile">> {
  readonly ask?: () => MetricsAnswer | undefined;
  readonly start?: () => Promise<void>;
  readonly open?: () => void;
  readonly paint?: () => void;
}

function viewOf({ outputFile, ask, start, open, paint }: Parts = {}) {
  const clock = new ManualClock();
  const screen = new TerminalScreen(100);
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text.trimEnd());
  let handlers: TerminalHandlers | undefined;
  let asked = 0;
  const file = outputFile ?? join(root, crypto.randomUUID());
  const view = new LiveView({
    facts: FACTS,
    outputFile: file,
    console: {
      output: ({ lines }) => Promise.resolve(lines.every((line) => print(line) === undefined)),
      running: () => print("running"),
      note: print,
      restarted: print,
      warned: print,
      report: (text) => Promise.resolve(print(text)),
    },
    reader: {
      start: start ?? (() => Promise.resolve()),
      ask: () => Promise.resolve(ask === undefined ? answersOf()[asked++ % 2] : ask()),
      close: () => {},
    },
    clock,
    terminal(given) {
      handlers = given;
      return {
        size: { columns: 100, rows: 30 },
        isBehind: false,
        open: () => {
          open?.();
          handlers?.changed();
        },
        close: () => {},
        paint: (text) => {
          paint?.();
          screen.write(text);
        },
        suspend: () => {},
      };
    },
  });
  const userPrints = (...lines: string[]) =>
    view.output(create(OutputSchema, { component: "count", lines }));
  return { view, clock, screen, printed, userPrints, file };
}

test("LiveView hands all on to the console until it is open, and prints it no second time", async () => {
  const { view, printed, userPrints, file } = viewOf();
  await userPrints("early");
  view.note("a note");
  view.warned("slow open\n", {});
  view.restarted("count[0] failed\n", { component: "count", index: 0, message: "Error: x" });
  expect(printed).toEqual(["early", "a note", "slow open", "count[0] failed"]);
  view.running(5, 2);
  await userPrints("late");
  expect(printed.splice(0)).toContain("running");
  await view.close();
  expect(printed).toEqual(["late"]);
  expect(await readFile(file, "utf8")).toBe("count[0] early\ncount[0] late\n");
});

test("LiveView says in its title when the topology master does not answer", async () => {
  let isAnswering = true;
  let asked = 0;
  const { view, clock, screen } = viewOf({
    ask: () => isAnswering ? answersOf()[asked++ % 2] : undefined,
  });
  view.running(5, 2);
  await clock.advance(2000);
  expect(screen.text).toMatch(/lines +1 +5\.00k/);
  isAnswering = false;
  await clock.advance(3000);
  expect(screen.text).not.toContain("no figures");
  await clock.advance(9000);
  expect(screen.text).toContain("running 14s  no figures for 12s  5 tasks");
  isAnswering = true;
  await clock.advance(1000);
  expect(screen.text).not.toContain("no figures");
  await view.close();
});

test("LiveView goes on when its figures fail, and says so once", async () => {
  let faults = 3;
  const { view, clock, screen, printed } = viewOf({
    start: () =>
      faults-- > 0 ? Promise.reject(new Error("EMFILE: too many open files")) : Promise.resolve(),
  });
  view.running(5, 2);
  await clock.advance(2500);
  expect(screen.text).toContain("no figures: EMFILE");
  await clock.advance(2000);
  expect(screen.text).toMatch(/lines +1 +5\.00k/);
  await view.close();
  expect(printed.filter((text) => text.includes("EMFILE"))).toHaveLength(1);
});

test("LiveView leaves all to the console when there is no terminal to take, or it cannot draw", async () => {
  const fault = (): never => {
    throw new Error("EIO: i/o error");
  };
  const closed = viewOf({ open: fault });
  closed.view.running(5, 2);
  await closed.userPrints("one");
  expect(closed.printed).toEqual(["running", "no live view: EIO: i/o error", "one"]);
  await closed.view.close();
  expect(closed.printed).toHaveLength(3);
  const broken = viewOf({ paint: fault });
  broken.view.running(5, 2);
  await broken.view.close();
  await broken.userPrints("two");
  expect(broken.printed).toEqual(["running", "the live view ended: EIO: i/o error", "two"]);
});

test("LiveView prints the last notes at its end, and how many it left out", async () => {
  const { view, printed } = viewOf();
  view.running(5, 2);
  for (let count = 0; count < 150; count++) view.warned(`warning ${count}\n`, {});
  view.note("not drained after 10 s, stopping: tuples on their way are lost");
  printed.splice(0);
  await view.close();
  expect(printed.slice(0, 2)).toEqual([
    "heron-bin: 51 notes before these left out",
    "heron-bin: warning 51",
  ]);
  expect(printed.at(-1)).toContain("not drained after 10 s");
  expect(printed).toHaveLength(101);
});

test("LiveView names no file that could not be written", async () => {
  const { view, printed, userPrints } = viewOf({ outputFile: join(root, "none", "output.log") });
  view.running(5, 2);
  for (let line = 0; line < 2500; line++) await userPrints(`${line}`);
  printed.splice(0);
  await view.close();
  expect(printed[0]).toBe(
    "heron-bin: user code printed 2,500 lines, which no file has kept whole; the last 2,000:",
  );
  expect(printed.at(-1)).toContain("Keep what user code printed");
});

test("LiveView shows that the run ends, whoever ends it", async () => {
  const { view, clock, screen } = viewOf();
  view.running(5, 2);
  expect(screen.text).toContain("q stop");
  view.draining();
  await clock.advance(200);
  expect(screen.text).toContain("ending, was running");
  expect(screen.text).toContain("q kill");
  await view.close();
});
