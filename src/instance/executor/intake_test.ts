import { expect, test } from "bun:test";
import { MARKER_KIND } from "../../tuples/mod.ts";
import { grantsOf, handleAll, openIntake, Source } from "../../../tests/support/channel_source.ts";

test("Intake answers a sync with the channel's window, in the life of both sides", () => {
  const intake = openIntake();
  new Source(intake, 2).mark(MARKER_KIND.sync);
  expect(grantsOf(intake)).toEqual([{
    sourceTask: 2,
    destinationTask: 3,
    source: { epoch: 1, counter: 2 },
    destination: { epoch: 1, counter: 3 },
    limit: 32768,
  }]);
  expect(grantsOf(intake)).toEqual([]);
});

test("Intake grants again when a quarter of the window is handled", () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  source.mark(MARKER_KIND.sync);
  grantsOf(intake);
  source.send(4000);
  expect(intake.heldBytes).toBe(source.offset);
  expect(handleAll(intake)).toBe(1);
  expect(grantsOf(intake)).toEqual([]);
  source.send(4500);
  handleAll(intake);
  expect(grantsOf(intake)).toMatchObject([{ limit: source.offset + 32768 }]);
  expect(intake.heldBytes).toBe(0);
});

test("Intake ends when all sources have, behind their data", () => {
  const intake = openIntake();
  const [first, second] = [new Source(intake, 1), new Source(intake, 2)];
  first.send(10);
  first.mark(MARKER_KIND.end);
  second.mark(MARKER_KIND.end);
  expect(intake.hasEnded).toBe(false);
  expect(handleAll(intake)).toBe(1);
  expect(intake.hasEnded).toBe(true);
});

test("Intake takes an end that only a later sync repeats", () => {
  const intake = openIntake();
  for (const task of [1, 2]) new Source(intake, task).mark(MARKER_KIND.sync, true);
  handleAll(intake);
  expect(intake.hasEnded).toBe(true);
});

test("Intake counts what was lost on the way as gone and goes on", () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  source.mark(MARKER_KIND.sync);
  grantsOf(intake);
  source.send(9000, { isLost: true });
  const lost = source.offset;
  source.mark(MARKER_KIND.sync);
  expect(intake.goneBytes).toBe(lost);
  expect(grantsOf(intake)).toMatchObject([{ limit: lost + 32768 }]);
});

test("Intake drops what it has had, what is not for it, and what comes after an end", () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  source.send(10);
  source.offset = 0;
  source.send(10);
  new Source(intake, 9).send(10);
  source.mark(MARKER_KIND.end);
  source.send(10);
  expect([...intake.dropped].sort()).toEqual([["after_end", 1], ["repeated", 1], [
    "unknown_source",
    1,
  ]]);
  expect(handleAll(intake)).toBe(1);
});

test("Intake.close() drops what is queued and what still comes, and gives its credit back", () => {
  // Found by simulation: a task that ends first leaves the rest of its cycle without credit.
  const intake = openIntake();
  const source = new Source(intake, 1);
  source.mark(MARKER_KIND.sync);
  grantsOf(intake);
  for (let batch = 0; batch < 4; batch++) source.send(4_000);
  intake.close();
  expect(intake.heldBytes).toBe(0);
  expect(intake.isEmpty).toBe(true);
  for (let batch = 0; batch < 4; batch++) source.send(4_000);
  expect(intake.heldBytes).toBe(0);
  expect(intake.doneBytes).toBe(source.offset);
  expect([...intake.dropped]).toEqual([["after_end", 8]]);
  expect(grantsOf(intake)).toMatchObject([{ sourceTask: 1, limit: source.offset + 32768 }]);
});

test("Intake takes a newer life of a source for a channel of its own, and drops an older one", () => {
  const intake = openIntake();
  const older = new Source(intake, 1);
  older.mark(MARKER_KIND.sync);
  older.send(10);
  older.mark(MARKER_KIND.end);
  handleAll(intake);
  const newer = new Source(intake, 1, { epoch: 1, counter: 7 });
  newer.send(10);
  expect(grantsOf(intake)).toEqual([]);
  newer.mark(MARKER_KIND.sync);
  expect(grantsOf(intake)).toMatchObject([{ source: { counter: 7 }, limit: 32768 }]);
  older.send(10);
  expect([...intake.dropped]).toEqual([["other_incarnation", 1]]);
  new Source(intake, 2).mark(MARKER_KIND.end);
  expect(handleAll(intake)).toBe(1);
  // The end of the older life is undone by the newer one.
  expect(intake.hasEnded).toBe(false);
  newer.mark(MARKER_KIND.end);
  handleAll(intake);
  expect(intake.hasEnded).toBe(true);
});

test("Intake counts what an older life left against the newer one's credit", () => {
  const intake = openIntake();
  const older = new Source(intake, 1);
  older.mark(MARKER_KIND.sync);
  older.send(8_000);
  const newer = new Source(intake, 1, { epoch: 2, counter: 1 });
  newer.mark(MARKER_KIND.sync);
  expect(grantsOf(intake)).toMatchObject([{ limit: 32768 - older.offset }]);
  handleAll(intake);
  newer.send(8_000);
  handleAll(intake);
  expect(grantsOf(intake)).toMatchObject([{ source: { epoch: 2 }, limit: 32768 + newer.offset }]);
});

test("Intake tells a gap before a channel's first word from what was lost behind it", () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  source.send(500, { isLost: true });
  source.send(10);
  expect(intake.goneBytes).toBe(0);
  source.send(500, { isLost: true });
  const lost = 500;
  source.send(10);
  expect(intake.goneBytes).toBeGreaterThan(lost);
});

test("Intake.takeFlush() is due once each channel has ended or said flush last", () => {
  const intake = openIntake();
  const [first, second] = [new Source(intake, 1), new Source(intake, 2)];
  first.mark(MARKER_KIND.flush);
  first.send(10);
  second.mark(MARKER_KIND.flush);
  expect(handleAll(intake)).toBe(1);
  // What came behind its flush takes it back.
  expect(intake.takeFlush()).toBe(false);
  first.mark(MARKER_KIND.flush);
  second.send(10);
  expect(handleAll(intake)).toBe(0);
  expect(intake.takeFlush()).toBe(true);
  expect(intake.takeFlush()).toBe(false);
  expect(handleAll(intake)).toBe(1);
  second.mark(MARKER_KIND.end);
  first.mark(MARKER_KIND.flush);
  handleAll(intake);
  expect(intake.takeFlush()).toBe(true);
  expect(intake.hasEnded).toBe(false);
});

test("Intake lets go of the batches that are handled while others wait", async () => {
  const intake = openIntake();
  const source = new Source(intake, 1);
  source.mark(MARKER_KIND.sync);
  source.send(10);
  const handled: WeakRef<object>[] = [];
  for (let count = 0; count < 100; count++) {
    source.send(10);
    const batch = intake.nextBatch();
    if (batch === undefined) break;
    intake.handled(batch);
    handled.push(new WeakRef(batch));
  }
  await new Promise<void>((resolve) => setImmediate(resolve));
  Bun.gc(true);
  expect([handled.length, intake.isEmpty]).toEqual([100, false]);
  // What a register or the stack still names may stay.
  expect(handled.filter((ref) => ref.deref() !== undefined).length).toBeLessThan(5);
  expect(handleAll(intake)).toBe(1);
});
