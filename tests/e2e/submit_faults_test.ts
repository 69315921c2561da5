/** What commands say of topologies that are not as they should be: a clear line, a code, and nothing lost. */

import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Cluster } from "./cluster.ts";
import { PATIENCE_MS, topologyFile, until } from "./live_run.ts";
import { isAlive, signal } from "./process_tree.ts";

const TEST_MS = 4 * PATIENCE_MS;
const COUNTING = topologyFile("counting");
/** All that are about one topology, with what comes behind its name. */
const COMMANDS = ["kill", "activate", "deactivate", "restart", "describe", "logs"] as const;

/** Whether a user may have a file system of his own here. */
const canMount = Bun.spawnSync(["unshare", "-rm", "true"]).exitCode === 0;
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

test("no such topology: each command says so, and which one was meant", async () => {
  await using cluster = await newCluster();
  for (const command of COMMANDS) {
    await expectFault(cluster, [command, "local", "countin"], {
      text: 'topology "countin" does not exist in cluster "local"; did you mean "counting"?',
    });
  }
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

test(
  "a dead scheduler: it is told, a restart brings all back, and a kill leaves nothing",
  async () => {
    await using cluster = await newCluster();
    const { pid } = await cluster.process("scheduler");
    signal(pid, "SIGKILL");
    await until("its end", () => !isAlive(pid));
    expect(await cluster.untilState("counting", "dead")).toMatchObject({
      reason: `its scheduler, process ${pid}, is not there any more`,
    });
    for (const command of ["activate", "deactivate"]) {
      await expectFault(cluster, [command, "local", "counting"], { text: "it is dead" });
    }
    await expectFault(cluster, ["restart", "local", "counting", "1"], { text: "it is dead" });
    expect(await cluster.succeed("restart", "local", "counting")).toContain("Successfully restart");
    await cluster.untilMore("seen-1", 20);
    const again = await cluster.process("scheduler");
    signal(again.pid, "SIGKILL");
    await until("its end", () => !isAlive(again.pid));
    await cluster.succeed("kill", "local", "counting");
    expect(cluster.processes).toEqual([]);
    expect(cluster.files).toEqual([]);
  },
  TEST_MS,
);

test(
  "the store is gone: commands say so and make none, and the topology flows until it is back",
  async () => {
    await using cluster = await newCluster();
    const root = join(cluster.store, "state/local");
    renameSync(root, `${root}.away`);
    for (const command of [["list", "local"], ["kill", "local", "counting"]]) {
      await expectFault(cluster, command, { text: `Open state root "${root}"` });
    }
    await cluster.untilMore("seen-1", 20);
    renameSync(`${root}.away`, root);
    await cluster.untilMore("seen-1", 20);
    expect(await cluster.list()).toMatchObject([{ state: "running" }]);
    await cluster.succeed("deactivate", "local", "counting");
    await cluster.succeed("kill", "local", "counting");
    expect(cluster.files).toEqual([]);
  },
  TEST_MS,
);

test(
  "half a record: it is told which, other topologies are not hidden, and nothing is lost",
  async () => {
    await using cluster = await newCluster();
    for (const path of ["heron-bin/counting/submission", "executionstate/counting"]) {
      const file = join(cluster.store, "state/local", path);
      const whole = readFileSync(file);
      writeFileSync(file, whole.subarray(0, 5));
      expect(await cluster.list()).toMatchObject([{ topology: "counting", state: "damaged" }]);
      if (path.startsWith("heron-bin")) {
        await expectFault(cluster, ["kill", "local", "counting"], { text: "nothing was removed" });
      }
      await expectFault(cluster, ["deactivate", "local", "counting"], { text: "it is damaged" });
      writeFileSync(file, whole);
      expect(await cluster.list()).toMatchObject([{ state: "running" }]);
    }
    await cluster.untilMore("seen-1", 5);
    await cluster.succeed("kill", "local", "counting");
    expect(cluster.files).toEqual([]);
  },
  TEST_MS,
);

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

test.skipIf(!isRoot)(
  "a folder that may not be written, and another user's topology: both are told",
  async () => {
    await using cluster = await newCluster();
    const prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    for (const command of COMMANDS) {
      const { exitCode, stderr } = await cluster.call([command, "local", "counting"], { prefix });
      expect({ command, exitCode, stderr }).toMatchObject({ exitCode: 5 });
      expect(stderr).toContain("ermission denied");
    }
    const home = join(cluster.root, "locked");
    mkdirSync(home);
    chmodSync(home, 0o555);
    const { exitCode, stderr } = await cluster.call(["submit", "local", COUNTING, cluster.data], {
      prefix,
      environment: { HOME: home, TMPDIR: "/tmp" },
    });
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 5 });
    expect(stderr).toContain("ermission denied");
    expect(await cluster.list()).toMatchObject([{ state: "running" }]);
    await cluster.succeed("kill", "local", "counting");
  },
  TEST_MS,
);

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
