/** What commands say of topologies that are not as they should be, besides what the command matrix has. */

import { expect, test } from "bun:test";
import { chmodSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { Cluster, NOBODY } from "./cluster.ts";
import { PATIENCE_MS, topologyFile, until } from "./live_run.ts";
import { isAlive, signal } from "./process_tree.ts";
import { canMount } from "./small_disk.ts";

const TEST_MS = 4 * PATIENCE_MS;
const COUNTING = topologyFile("counting");

const isRoot = process.getuid?.() === 0;

async function newCluster(): Promise<Cluster> {
  const cluster = new Cluster();
  await cluster.succeed("submit", "local", COUNTING, cluster.data);
  return cluster;
}

/** One line of what is wrong, with that code. */
async function expectFault(
  cluster: Cluster,
  args: readonly string[],
  { text, exitCode = 5 }: { readonly text: string; readonly exitCode?: number },
): Promise<void> {
  const result = await cluster.call(args);
  expect({ args, ...result }).toMatchObject({ exitCode, stdout: "" });
  const lines = result.stderr.trim().split("\n");
  expect(lines.length).toBe(1);
  expect(lines[0]).toContain(text);
  expect(lines[0]).toStartWith("heron-bin: ");
}

test("no such role, container or component is told, and which one was meant", async () => {
  await using cluster = await newCluster();
  await expectFault(cluster, ["kill", "local/nobody-here", "counting"], {
    text: "cluster/role/environ does not match",
    exitCode: 2,
  });
  await expectFault(cluster, ["restart", "local", "counting", "7"], {
    text: "there is none, expected one of 0, 1, 2",
    exitCode: 2,
  });
  await expectFault(cluster, ["logs", "local", "counting", "sinc"], {
    text: 'did you mean "sink"?',
    exitCode: 2,
  });
  await cluster.succeed("kill", "local", "counting");
}, TEST_MS);

test("of a dead scheduler no single container is restarted", async () => {
  await using cluster = await newCluster();
  const { pid } = await cluster.process("scheduler");
  signal(pid, "SIGKILL");
  await until("its end", () => !isAlive(pid));
  expect(await cluster.untilState("counting", "dead")).toMatchObject({
    reason: `its scheduler, process ${pid}, is not there any more`,
  });
  await expectFault(cluster, ["restart", "local", "counting", "1"], { text: "it is dead" });
  await cluster.succeed("kill", "local", "counting");
}, TEST_MS);

test.skipIf(!canMount)("a full disk: a submit that does not fit leaves nothing", async () => {
  await using cluster = new Cluster();
  const script = `mount -t tmpfs -o size=$0k tmpfs "$HOME" && "$@"; code=$?
    find "$HOME" -type f ! -name .lock >&2; exit $code`;
  for (const kilobytes of [4, 40, 60, 80]) {
    const { exitCode, stderr } = await cluster.call(["submit", "local", COUNTING, cluster.data], {
      prefix: ["unshare", "-rm", "sh", "-c", script, String(kilobytes)],
    });
    expect({ kilobytes, exitCode, stderr }).toMatchObject({ exitCode: 5 });
    const told = stderr.trim().split("\n").filter((line) =>
      !/: (built|packed|what was done) /.test(line)
    );
    expect({ kilobytes, told: told.length, stderr }).toMatchObject({ told: 1 });
  }
}, TEST_MS);

test.skipIf(!isRoot)("a home that may not be written: a submit says so", async () => {
  await using cluster = new Cluster(NOBODY);
  const home = join(cluster.root, "locked");
  mkdirSync(home);
  chmodSync(home, 0o555);
  const { exitCode, stderr } = await cluster.call(["submit", "local", COUNTING, cluster.data], {
    environment: { HOME: home, TMPDIR: "/tmp" },
  });
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 5 });
  expect(stderr).toContain("ermission denied");
}, TEST_MS);

test(
  "doctor: an unused cluster is well, and what was left behind is named with what to do",
  async () => {
    await using cluster = await newCluster();
    const [{ folder, pid } = { folder: "", pid: 0 }] = await cluster.list();
    expect(await cluster.succeed("doctor", "local")).toContain(
      'ok     topology "counting": running',
    );
    const left = join(folder, "../left-behind");
    mkdirSync(left);
    signal(pid, "SIGKILL");
    await until("its end", () => !isAlive(pid));
    const { exitCode, stdout } = await cluster.call(["doctor", "local"]);
    expect(exitCode).toBe(5);
    expect(stdout).toContain('"heron-bin restart local counting" starts it again');
    expect(stdout).toContain(`the folder "${left}" is of no topology that there is`);
    await cluster.succeed("kill", "local", "counting");
  },
  TEST_MS,
);
