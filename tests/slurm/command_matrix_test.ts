/**
 * Each command against each fault on a real Slurm, as root and as a user without rights: it says what is
 * wrong in one line, ends with a code that is documented, and nothing is lost.
 */

import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import {
  chmodSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { NOBODY } from "../e2e/cluster.ts";
import {
  expectRow,
  fails,
  MATRIX_COMMANDS,
  type MatrixCaller,
  type Row,
  rowOf,
  works,
} from "../e2e/command_matrix.ts";
import { topologyFile } from "../e2e/live_run.ts";
import { fillDisk } from "../e2e/small_disk.ts";
import { waitFor } from "../infra/programs.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const TEST_MS = 4 * PATIENCE_MS;
const COUNTING = topologyFile("counting");
const OTHER = topologyFile("idle");
/** Another user without rights. */
const STRANGER = 65_533;

let slurm: SlurmCluster;
beforeAll(async () => {
  slurm = await startSlurm({ nodes: 2, cpus: 16, ramMib: 64_000 });
}, 300_000);
afterAll(() => slurm[Symbol.asyncDispose](), 60_000);
// What a test that failed has left is not the next one's.
afterEach(async () => {
  const { stdout } = await slurm.run(["squeue", "--noheader", "--format=%A"]);
  const jobs = stdout.split("\n").filter((line) => line !== "");
  if (jobs.length > 0) await slurm.run(["scancel", ...jobs]);
}, 60_000);

/** What only looks works, and what is so already; doctor tells what does not. */
const LOOKS = {
  list: works("counting  running"),
  describe: works("it runs, on n"),
  logs: works("numbers[0] activate"),
  top: works("it runs, on n"),
  activate: works("(it was activated already)"),
} satisfies Partial<Row>;

const MATRIX = {
  "no such topology": rowOf(
    fails('topology "countin" does not exist in cluster "slurm"; did you mean "counting"?'),
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
  "half a record": rowOf(fails("premature EOF"), {
    submit: fails('topology "counting" already exists'),
    list: works("counting  damaged"),
    describe: works("premature EOF"),
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
  "controller down": rowOf(fails("Slurm's controller"), {
    list: works("counting  unknown"),
    describe: works('unknown: Run "squeue"'),
    logs: works("numbers[0] activate"),
    top: works("q leave"),
    activate: works("Successfully activate topology: counting"),
    deactivate: works("Successfully deactivate topology: counting"),
    restart: works("Successfully restart topology: counting"),
    kill: works("Successfully kill topology: counting"),
  }),
  "dead job": rowOf(fails("it is failed (the system asked its scheduler to end (SIGTERM)"), {
    submit: fails('topology "counting" already exists'),
    list: works("counting  failed"),
    describe: works("failed: the system asked its scheduler to end (SIGTERM)"),
    logs: works("numbers[0] activate"),
    doctor: fails('"heron-bin restart slurm counting" starts it again'),
    restart: works("Successfully restart topology: counting"),
    kill: works("Successfully kill topology: counting"),
  }),
  "job that Slurm does not know": rowOf(fails("Slurm does not know its job 999999 any more"), {
    submit: fails('topology "counting" already exists'),
    list: works("counting  dead"),
    describe: works("Slurm does not know its job 999999 any more"),
    logs: works("numbers[0] activate"),
    doctor: fails('"heron-bin restart slurm counting" starts it again'),
    restart: works("Successfully restart topology: counting"),
    kill: works("Successfully kill topology: counting"),
  }),
} satisfies Readonly<Record<string, Row>>;

const ENDS: readonly ("restart" | "kill")[] = ["restart", "kill"];

/** A caller about the topology of `of`, otherwise as in `more`. */
function callerOf(of: SlurmHome, more: Partial<MatrixCaller> = {}): MatrixCaller {
  return {
    cluster: "slurm",
    topology: "counting",
    file: [OTHER],
    program: of.program(),
    cwd: of.root,
    environment: of.environment,
    ...more,
  };
}

function stateRootOf({ root }: SlurmHome): string {
  return join(root, "home/.heron-bin/state/slurm");
}

async function newHome(userId: number): Promise<SlurmHome> {
  const home = new SlurmHome(slurm, userId);
  await home.succeed("submit", "slurm", COUNTING, home.data);
  await home.untilFlowing(1);
  return home;
}

/** What was submitted and what is wanted; the rest its processes write anew. */
function recordsOf(home: SlurmHome): Readonly<Record<string, string>> {
  const root = stateRootOf(home);
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => /(topologies|packingplans|executionstate)\/|submission$|wanted$/.test(path));
  return Object.fromEntries(
    files.map((path) => [path.slice(root.length + 1), readFileSync(path, "hex")]),
  );
}

/** Tries something; what was before is after it, and the topology flows, in the same job. */
async function expectKept(home: SlurmHome, run: () => Promise<void>): Promise<void> {
  const [before, jobs] = [recordsOf(home), await jobsOf(home)];
  await run();
  expect(recordsOf(home)).toEqual(before);
  expect(await jobsOf(home)).toEqual(jobs);
  expect((await home.listed("counting"))?.state).toBe("running");
  await home.untilFlowing(1);
}

/** Nothing runs and nothing is kept; Slurm may be tidying up behind a job that has ended. */
async function expectNothing(home: SlurmHome): Promise<void> {
  await untilNoJob(home);
  expect(home.processes).toEqual([]);
  expect(home.files.filter((path) => path !== "filler")).toEqual([]);
  expect(slurm.jobProcesses()).toEqual([]);
}

test("the matrix has a cell for each command in each row", () => {
  for (const row of Object.values(MATRIX)) {
    expect(Object.keys(row).sort()).toEqual([...MATRIX_COMMANDS].sort());
  }
});

/** Faults that pass, on one topology. */
async function tryPassingFaults(home: SlurmHome, userId: number): Promise<void> {
  await expectRow(
    callerOf(home, { topology: "countin", file: ["nowhere.ts"], listed: "slurm/nobody-here" }),
    MATRIX["no such topology"],
  );
  const root = stateRootOf(home);
  renameSync(root, `${root}.away`);
  await expectRow(callerOf(home), MATRIX["store gone"]);
  renameSync(`${root}.away`, root);
  const record = join(root, "heron-bin/counting/submission");
  const whole = readFileSync(record);
  writeFileSync(record, whole.subarray(0, whole.length / 2));
  const same = callerOf(home, { file: [COUNTING, home.data] });
  await expectRow(same, MATRIX["half a record"]);
  writeFileSync(record, whole);
  if (userId === 0) await tryReadOnlyMount(home);
  else await tryReadOnlyFolder(home);
  using stranger = new SlurmHome(slurm, userId === STRANGER ? NOBODY : STRANGER);
  const flags = ["--config", `state.root=${root}`];
  await expectRow(callerOf(stranger, { flags }), MATRIX["another user's"]);
}

async function tryReadOnlyMount(home: SlurmHome): Promise<void> {
  const script = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"';
  const before = ["unshare", "--mount", "sh", "-c", script, join(home.root, "home")];
  const caller = callerOf(home, { program: home.program(...before) });
  await expectRow(caller, MATRIX["read-only mount"]);
}

async function tryReadOnlyFolder(home: SlurmHome): Promise<void> {
  const store = join(home.root, "home/.heron-bin");
  const folders = ["", ...readdirSync(store, { recursive: true, encoding: "utf8" })]
    .map((name) => join(store, name)).filter((path) => statSync(path).isDirectory())
    .filter((path) => !path.endsWith("/logs"));
  const modes = folders.map((path) => statSync(path).mode);
  for (const path of folders) chmodSync(path, 0o555);
  await expectRow(callerOf(home), MATRIX["read-only folder"]);
  folders.forEach((path, at) => chmodSync(path, modes[at] ?? 0o700));
}

/** The jobs that there are; of one that is completing nothing runs any more. */
async function jobsOf(home: SlurmHome): Promise<readonly string[]> {
  return (await home.jobs()).filter((job) => !job.endsWith(" COMPLETING"))
    .map((job) => job.split(" ")[0] ?? "");
}

async function untilNoJob(home: SlurmHome): Promise<void> {
  await waitFor("the end of the job", async () => (await jobsOf(home)).length === 0, PATIENCE_MS);
}

/** Somebody cancels the job. */
async function cancel(home: SlurmHome): Promise<void> {
  await slurm.run(["scancel", ...await jobsOf(home)]);
  await home.untilState("counting", "failed", "dead");
  await untilNoJob(home);
}

test.each([0, NOBODY])("faults that pass, and a job that is dead, of user %d", async (userId) => {
  using home = await newHome(userId);
  await expectKept(home, () => tryPassingFaults(home, userId));
  await cancel(home);
  const dead = callerOf(home, { file: [COUNTING, home.data] });
  await expectRow(dead, MATRIX["dead job"], ["kill"]);
  await home.untilFlowing(1);
  await cancel(home);
  await expectRow(dead, MATRIX["dead job"], MATRIX_COMMANDS.filter((one) => one !== "kill"));
  await expectNothing(home);
}, TEST_MS);

test("a job that Slurm does not know any more", async () => {
  using home = await newHome(NOBODY);
  const { folder = "" } = await home.listed("counting") ?? {};
  await cancel(home);
  // As if its scheduler had not had the time to write down its end.
  rmSync(join(stateRootOf(home), "heron-bin/counting/status"));
  writeFileSync(join(folder, "slurm_job"), "999999\n");
  const caller = callerOf(home, { file: [COUNTING, home.data] });
  await expectRow(caller, MATRIX["job that Slurm does not know"], ENDS);
  await expectRow(
    caller,
    MATRIX["job that Slurm does not know"],
    MATRIX_COMMANDS.filter((one) => one !== "kill"),
  );
  await expectNothing(home);
}, TEST_MS);

test("a full disk", async () => {
  using home = new SlurmHome(slurm, NOBODY);
  const folder = join(home.root, "home");
  const options = `size=20m,uid=${NOBODY},mode=755`;
  await slurm.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder]);
  try {
    await home.succeed("submit", "slurm", COUNTING, home.data);
    await home.untilFlowing(1);
    await expectKept(home, async () => {
      fillDisk(folder);
      await expectRow(callerOf(home), MATRIX["full disk"], ["kill"]);
    });
    const others = MATRIX_COMMANDS.filter((one) => one !== "kill");
    await expectRow(callerOf(home), MATRIX["full disk"], others);
    await expectNothing(home);
  } finally {
    await slurm.run(["umount", "--lazy", folder]);
  }
}, TEST_MS);

test("a controller that is down: what goes by the store goes on", async () => {
  using home = await newHome(0);
  await slurm.stopController();
  // What was known of the queue is old.
  writeFileSync(join(home.root, "home/.heron-bin/slurm_queue"), "");
  const flags = ["--slurm", "command.timeout=1s"];
  try {
    await expectRow(callerOf(home, { flags }), MATRIX["controller down"]);
  } finally {
    await slurm.start();
  }
  await expectNothing(home);
}, TEST_MS);
