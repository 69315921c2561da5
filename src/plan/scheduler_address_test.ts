import { expect, test } from "bun:test";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSchedulerAddress, writeSchedulerAddress } from "./scheduler_address.ts";

const ADDRESS = { hostname: "10.1.2.3", port: 4711, epoch: 3, allocation: "21.0" };

test("a scheduler's address is read as it was written, and the newest one counts", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heron-bin-address-"));
  expect(await readSchedulerAddress({ folder })).toBeUndefined();
  await writeSchedulerAddress({ folder }, ADDRESS);
  expect(await readSchedulerAddress({ folder })).toEqual(ADDRESS);
  const next = { ...ADDRESS, hostname: "::1", epoch: 4, allocation: "" };
  await writeSchedulerAddress({ folder }, next);
  expect(await readSchedulerAddress({ folder })).toEqual(next);
  expect(await readdir(folder)).toEqual(["scheduler_address"]);
  const file = join(folder, "scheduler_address");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  for (
    const bad of [
      "",
      "{",
      "null",
      "[]",
      '{"hostname":"x"}',
      JSON.stringify({ ...ADDRESS, port: 0 }),
    ]
  ) {
    await writeFile(file, bad);
    await expect(readSchedulerAddress({ folder })).rejects.toThrow("expected host and port");
  }
  await rm(folder, { recursive: true });
  await expect(writeSchedulerAddress({ folder }, ADDRESS)).rejects.toThrow("Write the scheduler's");
});
