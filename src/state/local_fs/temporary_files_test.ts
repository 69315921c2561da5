import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { systemClock, systemRandom } from "../../base/mod.ts";
import { readProcessFacts } from "../../base/supervision/mod.ts";
import { TemporaryFiles } from "./temporary_files.ts";

function makeFolder() {
  const folder = mkdtempSync(join(tmpdir(), "heron-temporary-"));
  const files = new TemporaryFiles(folder, systemClock, systemRandom());
  return {
    folder,
    files,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

test("next() gives each file a name of its own", () => {
  using made = makeFolder();
  const names = new Set(Array.from({ length: 100 }, () => made.files.next()));
  expect(names.size).toBe(100);
});

test("sweep() removes what the dead of this machine left, at once, and the old of others", async () => {
  using made = makeFolder();
  const { folder, files } = made;
  const mine = basename(files.next());
  const [pid, startTime, ...rest] = mine.split("-");
  const tail = rest.join("-");
  const child = Bun.spawn(["sleep", "60"]);
  const childTime = readProcessFacts(child.pid)?.startTime;
  const dead = `${child.pid}-${childTime}-${tail}`;
  const reused = `${pid}-${Number(startTime) - 1}-${tail}`;
  const elsewhere = `${dead}-elsewhere`;
  for (const name of [mine, dead, reused, elsewhere, "young", "old"]) {
    writeFileSync(join(folder, name), name);
  }
  const longAgo = Date.now() / 1000 - 7200;
  utimesSync(join(folder, "old"), longAgo, longAgo);
  await files.sweep();
  expect(readdirSync(folder).sort()).toEqual([mine, dead, elsewhere, "young"].sort());
  child.kill("SIGKILL");
  await child.exited;
  await files.sweep();
  expect(readdirSync(folder).sort()).toEqual([mine, elsewhere, "young"].sort());
});
