import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { topologyCommand } from "./topology_command.ts";

test("topologyCommand() is the packed binary where there is one, and the caller's elsewhere", async () => {
  const folder = await mkdtemp(join(tmpdir(), "heron-command-"));
  expect(await topologyCommand(folder, ["/bin/it"])).toEqual(["/bin/it"]);
  await writeFile(join(folder, "heron-bin"), "");
  expect(await topologyCommand(folder, ["/bin/it"])).toEqual([join(folder, "heron-bin")]);
  await rm(folder, { recursive: true });
  expect(await topologyCommand(folder, ["/bin/it"])).toEqual(["/bin/it"]);
});
