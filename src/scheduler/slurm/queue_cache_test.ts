import { expect, test } from "bun:test";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { HeronError, ManualClock } from "../../base/mod.ts";
import { readQueue } from "./queue_cache.ts";

const LINE = "21|RUNNING|None|n1|1:00|2:00|main|who|N/A|n1|\n";

/** A cache in a folder of its own, whose asker answers with `answers` in turn. */
async function withCache(
  check: (
    cache: { file: string; clock: ManualClock; read(): Promise<string>; asked: number },
  ) => Promise<void>,
  ask: () => Promise<string> = () => Promise.resolve(LINE),
): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-queue-"));
  const clock = new ManualClock();
  const cache = {
    file: join(folder, "queue"),
    clock,
    asked: 0,
    async read() {
      const { jobs, ageMs } = await readQueue({
        file: cache.file,
        clock,
        suffix: "1",
        ask() {
          cache.asked++;
          return ask();
        },
      });
      return `${jobs.map(({ jobId }) => jobId).join(" ")} ${ageMs}`;
    },
  };
  try {
    await check(cache);
    expect((await readdir(folder)).filter((name) => name !== "queue")).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("readQueue() asks once in 30 s", () =>
  withCache(async (cache) => {
    expect(await cache.read()).toBe("21 0");
    cache.clock.jump(29_999);
    expect(await cache.read()).toBe("21 29999");
    expect(cache.asked).toBe(1);
    cache.clock.jump(1);
    expect(await cache.read()).toBe("21 0");
    expect(cache.asked).toBe(2);
  }));

test("readQueue() of a second process takes the old answer, or waits for the first one", async () => {
  let answer = Promise.withResolvers<string>();
  await withCache(async (cache) => {
    const first = cache.read();
    while (cache.asked === 0) await Bun.sleep(1);
    const second = cache.read();
    await cache.clock.advance(100);
    answer.resolve(LINE);
    expect(await first).toBe("21 0");
    while (await Promise.race([second, Bun.sleep(1)]) === undefined) await cache.clock.advance(100);
    expect(await second).toStartWith("21 ");
    expect(cache.asked).toBe(1);
    cache.clock.jump(40_000);
    answer = Promise.withResolvers();
    const third = cache.read();
    while (cache.asked === 1) await Bun.sleep(1);
    expect(await cache.read()).toMatch(/^21 4\d{4}$/);
    answer.resolve(LINE);
    expect(await third).toBe("21 0");
  }, () => answer.promise);
});

test("readQueue() asks again after a failure, and after another's clock or a damaged file", async () => {
  let isDown = true;
  await withCache(
    async (cache) => {
      await expect(cache.read()).rejects.toThrow("down");
      isDown = false;
      expect(await cache.read()).toBe("21 0");
      const future = { askedMs: 9e15, answeredMs: 9e15, output: "" };
      for (const bad of ["", "{", "[]", '{"askedMs":1}', JSON.stringify(future)]) {
        await writeFile(cache.file, bad);
        expect(await cache.read()).toBe("21 0");
      }
      expect(cache.asked).toBe(7);
    },
    () =>
      isDown ? Promise.reject(new HeronError("unavailable", "Ask: down")) : Promise.resolve(LINE),
  );
});

test("readQueue() asks each time where its answer cannot be kept", async () => {
  const nowhere = "/proc/none/queue";
  let asked = 0;
  const options = {
    file: nowhere,
    clock: new ManualClock(),
    suffix: "1",
    ask: () => Promise.resolve(asked++ < 9 ? LINE : ""),
  };
  for (const count of [1, 2]) {
    expect((await readQueue(options)).jobs.map(({ jobId }) => jobId)).toEqual(["21"]);
    expect(asked).toBe(count);
  }
});
