/**
 * Each command against each fault, on this machine: it says what is wrong in one line, ends with a code that
 * is documented, and nothing is lost.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BINARY } from "./binary.ts";
import { Cluster, NOBODY } from "./cluster.ts";
import {
  expectRow,
  fails,
  MATRIX_COMMANDS,
  type MatrixCaller,
  type Row,
  rowOf,
  works,
} from "./command_matrix.ts";
import { PATIENCE_MS, topologyFile, until } from "./live_run.ts";
import { isAlive, signal } from "./process_tree.ts";
import { canMount, fillDisk, readOnlyMount, SmallDisk } from "./small_disk.ts";

const TEST_MS = 4 * PATIENCE_MS;
const COUNTING = topologyFile("counting");
const OTHER = topologyFile("idle");
const isRoot = process.getuid?.() === 0;

/** What only looks works, and what is so already; doctor tells what does not. */
const LOOKS = {
  list: works("counting  running"),
  describe: works("topology counting"),
  logs: works("numbers[0] activate"),
  top: works("q leave"),
  activate: works("(it was activated already)"),
} satisfies Partial<Row>;

/** What each command says when a record is cut off that says where the topology is. */
const DAMAGED = "premature EOF";

const MATRIX = {
  "no such topology": rowOf(
    fails('topology "countin" does not exist in cluster "local"; did you mean "counting"?'),
    {
      submit: fails("there is no such file"),
      list: works("TOPOLOGY  STATE  ROLE/ENVIRON  TASKS  CONTAINERS  SUBMITTED\n"),
      doctor: works('topology "counting": running'),
    },
  ),
  "store gone": rowOf(fails("found no state store, expected one"), {
    submit: fails("has the folders of a topology"),
    doctor: fails("mount its file system, or name the right state.root"),
  }),
  "half a record": rowOf(fails(DAMAGED), {
    submit: fails('topology "counting" already exists'),
    list: works("counting  damaged"),
    describe: works(DAMAGED),
    doctor: fails("mend that record"),
    kill: fails("nothing was removed"),
  }),
  "read-only mount": rowOf(fails("read-only file system"), LOOKS),
  "read-only folder": rowOf(fails("permission denied"), LOOKS),
  "another user's": rowOf(fails("permission denied")),
  "full disk": rowOf(fails("no space left on device"), {
    ...LOOKS,
    kill: works("Successfully kill topology: counting"),
  }),
  "dead": rowOf(fails("it is dead (its scheduler"), {
    submit: fails('topology "counting" already exists'),
    list: works("counting  dead"),
    describe: works("dead: its scheduler"),
    logs: works("numbers[0] activate"),
    doctor: fails('"heron-bin restart local counting" starts it again'),
    restart: works("Successfully restart topology: counting"),
    kill: works("Successfully kill topology: counting"),
  }),
} satisfies Readonly<Record<string, Row>>;

let cluster: Cluster;
beforeAll(async () => {
  cluster = new Cluster();
  await cluster.succeed("submit", "local", COUNTING, cluster.data);
}, TEST_MS);
afterAll(() => cluster[Symbol.asyncDispose](), TEST_MS);

/** A caller about the topology of `of`, otherwise as in `more`. */
function callerOf(of: Cluster, more: Partial<MatrixCaller> = {}): MatrixCaller {
  return {
    cluster: "local",
    topology: "counting",
    file: [OTHER],
    program: [...of.disk?.prefix ?? of.prefix, BINARY],
    cwd: of.root,
    environment: of.environment,
    ...more,
  };
}

/** What was submitted and what is wanted; the rest its processes write anew. */
function recordsOf({ store }: Cluster): Readonly<Record<string, string>> {
  const root = join(store, "state/local");
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /(topologies|packingplans|executionstate)\/|submission$|wanted$/.test(path));
  return Object.fromEntries(
    files.map((path) => [path.slice(root.length + 1), readFileSync(path, "hex")]),
  );
}

/** Tries a row; what was before is after it, and the topology flows. */
async function expectKept(of: Cluster, run: () => Promise<void>): Promise<void> {
  const before = recordsOf(of);
  const [listed] = await of.list();
  await run();
  expect(recordsOf(of)).toEqual(before);
  const { folder, pid, state } = (await of.list())[0] ?? {};
  expect({ folder, pid, state }).toEqual({
    folder: listed?.folder,
    pid: listed?.pid,
    state: listed?.state,
  });
  await of.untilMore("seen-1", 5);
}

test("the matrix has a cell for each command that takes a cluster, in each row", () => {
  const { stdout } = Bun.spawnSync([BINARY, "help"]);
  const names = [...stdout.toString().matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name = ""]) => name);
  const takeCluster: string[] = [];
  for (const name of names) {
    const help = Bun.spawnSync([BINARY, name, "--help"]).stdout.toString();
    if (help.includes("<cluster>")) takeCluster.push(name);
  }
  // It reads cluster files alone: its own test has their faults.
  expect(takeCluster.filter((name) => name !== "config").sort()).toEqual(
    [...MATRIX_COMMANDS].sort(),
  );
  for (const row of Object.values(MATRIX)) {
    expect(Object.keys(row).sort()).toEqual([...MATRIX_COMMANDS].sort());
  }
});

test("no such topology", async () => {
  await expectKept(cluster, async () => {
    const caller = callerOf(cluster, {
      topology: "countin",
      file: ["nowhere.ts"],
      listed: "local/nobody-here",
    });
    await expectRow(caller, MATRIX["no such topology"]);
  });
}, TEST_MS);

test("store gone", async () => {
  const root = join(cluster.store, "state/local");
  await expectKept(cluster, async () => {
    renameSync(root, `${root}.away`);
    try {
      await expectRow(callerOf(cluster), MATRIX["store gone"]);
    } finally {
      renameSync(`${root}.away`, root);
    }
  });
}, TEST_MS);

test("half a record: of where it is, and any other", async () => {
  const root = join(cluster.store, "state/local");
  const damaged = async (record: string, run: () => Promise<void>): Promise<void> => {
    const file = join(root, record);
    const whole = readFileSync(file);
    writeFileSync(file, whole.subarray(0, whole.length / 2));
    await run();
    writeFileSync(file, whole);
  };
  const caller = callerOf(cluster, { file: [COUNTING, cluster.data] });
  await expectKept(cluster, async () => {
    await damaged("heron-bin/counting/submission", async () => {
      await expectRow(caller, MATRIX["half a record"]);
    });
    for (const record of ["executionstate/counting", "packingplans/counting"]) {
      await damaged(record, async () => {
        const { exitCode, stdout } = await cluster.call(["doctor", "local"]);
        expect({ record, exitCode }).toEqual({ record, exitCode: 5 });
        expect(stdout).toContain(DAMAGED);
      });
    }
  });
}, TEST_MS);

test.skipIf(!canMount)("read-only mount", async () => {
  await expectKept(cluster, async () => {
    const program = [...readOnlyMount(join(cluster.root, "home")), BINARY];
    await expectRow(callerOf(cluster, { program }), MATRIX["read-only mount"]);
  });
}, TEST_MS);

test.skipIf(!isRoot)("another user's", async () => {
  await using theirs = new Cluster(NOBODY);
  const flags = ["--config", `state.root=${join(cluster.store, "state/local")}`];
  chmodSync(join(cluster.root, "home"), 0o755);
  await expectKept(cluster, async () => {
    await expectRow(callerOf(theirs, { flags }), MATRIX["another user's"]);
  });
}, TEST_MS);

test("read-only folder", async () => {
  const userId = isRoot ? NOBODY : process.getuid?.();
  await using own = new Cluster(userId);
  await own.succeed("submit", "local", COUNTING, own.data);
  const folders = ["", ...readdirSync(own.store, { recursive: true, encoding: "utf8" })]
    .map((name) => join(own.store, name)).filter((path) => statSync(path).isDirectory())
    .filter((path) => !path.endsWith("/logs"));
  await expectKept(own, async () => {
    const modes = folders.map((path) => statSync(path).mode);
    for (const path of folders) chmodSync(path, 0o555);
    await expectRow(callerOf(own), MATRIX["read-only folder"]);
    folders.forEach((path, at) => chmodSync(path, modes[at] ?? 0o700));
  });
  // Half of what is wanted: nobody can be asked, and it is ended all the same.
  writeFileSync(join(own.store, "state/local/heron-bin/counting/wanted"), Uint8Array.of(8));
  await own.succeed("kill", "local", "counting");
  expect(own.processes).toEqual([]);
  expect(own.files).toEqual([]);
}, TEST_MS);

test.skipIf(!canMount)("full disk", async () => {
  await using full = new Cluster();
  const home = join(full.root, "home");
  await using disk = await SmallDisk.over(home, 20);
  full.disk = disk;
  await full.succeed("submit", "local", COUNTING, full.data);
  await expectKept(full, async () => {
    fillDisk(disk.pathOf(home));
    await expectRow(callerOf(full), MATRIX["full disk"], ["kill"]);
    await full.untilMore("seen-1", 5);
  });
  await expectRow(
    callerOf(full),
    MATRIX["full disk"],
    MATRIX_COMMANDS.filter((command) => command !== "kill"),
  );
  expect(full.processes).toEqual([]);
  expect(full.files).toEqual([]);
}, TEST_MS);

/** Ends the scheduler, and all with it. */
async function killScheduler(of: Cluster): Promise<void> {
  const { pid } = await of.process("scheduler");
  signal(pid, "SIGKILL");
  await until("its end", () => !isAlive(pid));
}

test("a dead scheduler: a restart brings all back, and a kill leaves nothing", async () => {
  await killScheduler(cluster);
  const caller = callerOf(cluster, {
    file: [COUNTING, cluster.data],
    before: {
      kill: async () => {
        await cluster.untilMore("seen-1", 5);
        await killScheduler(cluster);
      },
    },
  });
  await expectRow(caller, MATRIX["dead"]);
  expect(cluster.processes).toEqual([]);
  expect(cluster.files).toEqual([]);
}, TEST_MS);
