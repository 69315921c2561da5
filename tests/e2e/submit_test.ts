/** Topologies that stay: submitted, looked at, stopped and killed, on this machine, by the compiled binary. */

import { expect, test } from "bun:test";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BINARY, resultOf } from "./binary.ts";
import { Cluster } from "./cluster.ts";
import { PATIENCE_MS, topologyFile, until } from "./live_run.ts";
import { TerminalScreen } from "./terminal_screen.ts";

const TEST_MS = 4 * PATIENCE_MS;
const COUNTING = topologyFile("counting");

test("a topology outlives the command and the terminal it was submitted from", async () => {
  await using cluster = new Cluster();
  const shown: string[] = [];
  const terminal = new Bun.Terminal({
    cols: 100,
    rows: 30,
    data: (_terminal, data) => void shown.push(new TextDecoder().decode(data)),
  });
  const child = Bun.spawn([BINARY, "submit", "local", COUNTING, cluster.data], {
    cwd: cluster.root,
    env: cluster.environment,
    terminal,
  });
  expect({ code: await child.exited, shown: shown.join("") }).toMatchObject({ code: 0 });
  expect(shown.join("")).toContain(
    "Successfully launched topology: counting (running: 4 tasks in 2",
  );
  // Whoever has it for a terminal gets SIGHUP.
  terminal.close();
  await cluster.untilMore("seen-1", 20);
  expect(await cluster.list()).toMatchObject([{ topology: "counting", state: "running" }]);
  expect(await cluster.succeed("kill", "local", "counting")).toBe(
    "Successfully kill topology: counting\n",
  );
  expect(cluster.processes).toEqual([]);
  expect(cluster.files).toEqual([]);
  expect(readdirSync(join(cluster.root, "tmp/heron-bin-" + process.getuid?.()))).toEqual([]);
}, TEST_MS);

test(
  "a topology whose input ends says so, has counted each word, and is there until it is killed",
  async () => {
    await using cluster = new Cluster();
    const text = join(cluster.data, "text");
    const lines = Array.from({ length: 300 }, (_, index) => `one two${index % 7} three`);
    writeFileSync(text, lines.join("\n"));
    await cluster.succeed("submit", "local", topologyFile("acked_word_count"), text, "0", "30");
    const { reason } = await cluster.untilState("acked-word-count", "ended", "failed", "dead");
    expect(reason).toBe("all its tasks have ended");
    const counted =
      (await cluster.succeed("logs", "local", "acked-word-count", "count", "--lines", "1000"))
        .trim().split("\n").map((line) => line.replace(/^count\[\d\] /, "")).sort();
    expect(counted).toEqual(["one\t300", "three\t300", "two\t300"]);
    expect(cluster.processes).toEqual([]);
    expect((await cluster.call(["activate", "local", "acked-word-count"])).exitCode).toBe(5);
    await cluster.succeed("kill", "local", "acked-word-count");
    expect(cluster.files).toEqual([]);
  },
  TEST_MS,
);

test(
  "spouts of a deactivated topology rest, what was on its way is handled, and a restart keeps it so",
  async () => {
    await using cluster = new Cluster();
    await cluster.succeed("submit", "local", "--deploy-deactivated", COUNTING, cluster.data);
    expect(await cluster.list()).toMatchObject([{ state: "deactivated" }]);
    expect(cluster.lines("seen-1")).toEqual([]);
    const told = async (calls: number): Promise<string[]> => {
      for (;;) {
        const lines = await cluster.succeed("logs", "local", "counting", "numbers[0]");
        const methods = lines.split("\n").filter((line) => line !== "");
        if (methods.length >= calls) return methods;
        await Bun.sleep(50);
      }
    };
    expect(await told(1)).toEqual(["open"]);
    await cluster.succeed("activate", "local", "counting");
    await cluster.untilMore("seen-1", 20);
    expect(await cluster.succeed("activate", "local", "counting")).toBe(
      "Successfully activate topology: counting (it was activated already)\n",
    );
    await cluster.succeed("deactivate", "local", "counting");
    expect(await told(3)).toEqual(["open", "activate", "deactivate"]);
    // All that was emitted is acked.
    await until("rest", () => {
      const seen = Math.max(...cluster.lines("seen-1").map(Number));
      return cluster.lines("position-1").map(Number)[0] === seen + 1;
    });
    const seen = cluster.lines("seen-1").length;
    await cluster.succeed("restart", "local", "counting");
    await until("both spouts open again", () => cluster.processes.length > 0);
    expect(await told(4)).toEqual(["open", "activate", "deactivate", "open"]);
    expect(cluster.lines("seen-1").length).toBe(seen);
    await cluster.succeed("activate", "local", "counting");
    await cluster.untilMore("seen-1", 20);
    await cluster.succeed("kill", "local", "counting");
  },
  TEST_MS,
);

test(
  "a name that is taken is refused, and a submit that is interrupted leaves nothing",
  async () => {
    await using cluster = new Cluster();
    await cluster.succeed("submit", "local", COUNTING, cluster.data);
    const files = cluster.files.length;
    const again = await cluster.call(["submit", "local", COUNTING, cluster.data]);
    expect(again.exitCode).toBe(5);
    expect(again.stderr).toContain('topology "counting" already exists');
    expect(cluster.files.length).toBeLessThanOrEqual(files + 20);
    expect(await cluster.list()).toMatchObject([{ state: "running" }]);
    await cluster.succeed("kill", "local", "counting");
    // At some moments of its way.
    for (const delayMs of [0, 100, 200, 300, 400, 500]) {
      const child = cluster.start(["submit", "local", COUNTING, cluster.data]);
      await Bun.sleep(delayMs);
      child.kill("SIGINT");
      const { exitCode } = await resultOf(child);
      if (exitCode === 0) await cluster.succeed("kill", "local", "counting");
      else expect(exitCode).toBe(130);
      expect(cluster.processes).toEqual([]);
      expect(cluster.files).toEqual([]);
    }
  },
  TEST_MS,
);

test(
  "of two submits of a name at once one succeeds, and the other leaves nothing of itself",
  async () => {
    await using cluster = new Cluster();
    const both = await Promise.all(
      [1, 2].map(() => cluster.call(["submit", "local", COUNTING, cluster.data])),
    );
    expect(both.map(({ exitCode }) => exitCode).sort()).toEqual([0, 5]);
    await cluster.untilMore("seen-1", 5);
    expect(cluster.files.filter((path) => path.startsWith("packages/")).length).toBe(1);
    await cluster.succeed("kill", "local", "counting");
    expect(cluster.files).toEqual([]);
  },
  TEST_MS,
);

test("--dry-run shows the plan and writes nothing", async () => {
  await using cluster = new Cluster();
  const shown = await cluster.succeed("submit", "local", "--dry-run", COUNTING, cluster.data);
  expect(shown).toContain("topology counting: 2 components, 4 tasks, 2 containers");
  expect(cluster.files).toEqual([]);
}, TEST_MS);

test("top shows a submitted topology as it runs, and to leave it ends nothing", async () => {
  await using cluster = new Cluster();
  await cluster.succeed("submit", "local", COUNTING, cluster.data);
  const screen = new TerminalScreen(100);
  const decoder = new TextDecoder();
  await using terminal = new Bun.Terminal({
    cols: 100,
    rows: 30,
    data: (_terminal, data) => screen.write(decoder.decode(data, { stream: true })),
  });
  const child = Bun.spawn([BINARY, "top", "local", "counting"], {
    cwd: cluster.root,
    env: { ...cluster.environment, TERM: "xterm-256color" },
    terminal,
  });
  // Figures come from the topology master, lines from the files of tasks.
  await until("the components", () => screen.isView && /numbers.*\n.*sink/s.test(screen.text));
  await until(
    "figures",
    () => / sink +\d/.test(screen.text) && !screen.text.includes("no figures"),
  );
  expect(screen.text).toContain("q leave");
  await cluster.succeed("deactivate", "local", "counting");
  await until("its state", () => screen.text.includes("deactivated"));
  terminal.write("q");
  expect(await child.exited).toBe(0);
  expect(await cluster.list()).toMatchObject([{ state: "deactivated" }]);
  expect((await cluster.call(["top", "local", "counting"])).exitCode).toBe(2);
  await cluster.succeed("kill", "local", "counting");
}, TEST_MS);
