import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededRandom, systemClock } from "../../base/mod.ts";
import { RootLock } from "./root_lock.ts";

function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), "heron-lock-"));
  const open = (waitMs: number) =>
    new RootLock({
      file: join(folder, ".lock"),
      clock: systemClock,
      random: seededRandom(1),
      waitMs,
    });
  const remove = () => rmSync(folder, { recursive: true, force: true });
  return { folder, open, [Symbol.dispose]: remove };
}

test("RootLock.hold() gives back what it ran, and is free after a throw", async () => {
  using made = makeFolder();
  const lock = made.open(0);
  expect(await lock.hold(() => 7)).toBe(7);
  await expect(lock.hold(() => {
    throw new RangeError("ours");
  })).rejects.toThrow("ours");
  expect(await lock.hold(() => readdirSync(made.folder))).toEqual([".lock"]);
  expect(statSync(join(made.folder, ".lock")).mode & 0o777).toBe(0o600);
  lock.close();
});

test("RootLock.hold() keeps out every other lock on the file, also of this process", async () => {
  using made = makeFolder();
  const [one, other] = [made.open(1000), made.open(0)];
  let refused: Promise<unknown> = Promise.resolve();
  await one.hold(() => {
    refused = other.hold(() => "in").catch((thrown: unknown) => thrown);
  });
  expect(String(await refused)).toContain("found another process at it");
  expect(await other.hold(() => "in")).toBe("in");
  other.close();
  expect(await one.hold(() => "still")).toBe("still");
  one.close();
});

test("RootLock without a folder is a named error, and none as long as nobody holds it", async () => {
  using made = makeFolder();
  const file = join(made.folder, "none/.lock");
  const lock = new RootLock({ file, clock: systemClock, random: seededRandom(1), waitMs: 0 });
  await expect(lock.hold(() => 7)).rejects.toThrow(
    `Locking "${file}": found "unable to open database file"`,
  );
  lock.close();
});
