/**
 * Stands for the binary in tests of processes: scheduler and container are the real ones,
 * the roles below them do what the job's arguments say, as `<process id>=<behaviour>`.
 */

import { join } from "node:path";
import type { PartyInit } from "../../src/base/wire/mod.ts";
import { Role } from "../../src/base/gen/heron_bin/packet_pb.ts";
import { silentLogger, systemClock, systemRandom } from "../../src/base/mod.ts";
import { type LifeLine, openLifeLine } from "../../src/base/supervision/mod.ts";
import { runContainer } from "../../src/container/mod.ts";
import { containerId, containerSocket, decodeJob, instanceIn } from "../../src/plan/mod.ts";
import { createLocalScheduler, createPipeOwner, runScheduler } from "../../src/scheduler/mod.ts";

const COMMAND: readonly string[] = [process.execPath, import.meta.path];

function flag(name: string): string {
  const at = process.argv.indexOf(name);
  return at < 0 ? "" : process.argv[at + 1] ?? "";
}

function exit(code: number): never {
  process.exit(code);
}

const clock = systemClock;

async function main(): Promise<void> {
  const jobFile = flag("--job");
  const container = Number(flag("--container"));
  const [epoch = 0, counter = 0] = flag("--incarnation").split(".").map(Number);
  const incarnation = { epoch, counter };
  const common = { jobFile, command: COMMAND, clock, exit };
  switch (process.argv[2]) {
    case "scheduler":
      return await runScheduler({
        ...common,
        scheduler: createLocalScheduler(clock),
        owner: createPipeOwner({
          input: Bun.stdin.stream(),
          output: Bun.stdout.writer(),
          clock,
        }),
      });
    case "container":
      // Each life of a container has a larger epoch, and its processes with it.
      return await runContainer({
        ...common,
        container,
        incarnation,
        random: systemRandom(),
        taskVariables: {},
        epoch: epoch + counter - 1,
      });
    default:
      return await runFake(process.argv[2] ?? "", { jobFile, container, incarnation });
  }
}

interface Place {
  readonly jobFile: string;
  readonly container: number;
  readonly incarnation: { readonly epoch: number; readonly counter: number };
}

const ROLES: Readonly<Record<string, Role>> = {
  tm: Role.TM,
  stmgr: Role.STMGR,
  metricsmgr: Role.METRICSMGR,
  instance: Role.INSTANCE,
};

async function runFake(name: string, { jobFile, container, incarnation }: Place): Promise<void> {
  const job = decodeJob(await Bun.file(jobFile).bytes());
  const task = Number(flag("--task"));
  const id = name === "tm"
    ? "tm"
    : task === 0
    ? `${name}-${container}`
    : instanceIn(container, { taskId: task, component: flag("--component"), componentIndex: 0 })
      .instanceId;
  const prefix = `${id}=`;
  const behaviour = job.arguments.find((one) => one.startsWith(prefix))?.slice(prefix.length) ?? "";
  if (behaviour === "silent") await new Promise(() => {});
  const party = { role: ROLES[name] ?? Role.UNSPECIFIED, id, incarnation };
  const lifeLine: LifeLine = await openLifeLine({
    socketPath: containerSocket(job, container),
    self: party,
    supervisor: { role: Role.CONTAINER, id: containerId(container) },
    topologyId: job.topologyId,
    secret: await Bun.file(join(job.folder, "secret")).bytes(),
    clock,
    logger: silentLogger,
    onStop() {
      if (behaviour !== "deaf") process.exit(0);
    },
    onDrain: () =>
      lifeLine.send({
        body: { case: "topologyEnded", value: { tasks: [{ component: "s", emitted: 1n }] } },
      }),
    onLost: () => process.exit(5),
  });
  lifeLine.started(name === "stmgr" ? 4711 : 0);
  if (!/^(exit|kill|fail)/.test(behaviour)) lifeLine.progressed();
  if (name === "tm") {
    lifeLine.send({ body: { case: "topologyRunning", value: { tasks: 2, containers: 2 } } });
  }
  await behave(behaviour, lifeLine, party);
}

async function behave(text: string, lifeLine: LifeLine, party: PartyInit): Promise<void> {
  const [behaviour = "", amount = "0"] = text.split(":");
  switch (behaviour) {
    case "print":
      await printLines(Number(amount));
      return;
    case "exit":
      process.stdout.write("last words without an end");
      process.exit(Number(amount));
      break;
    case "kill":
      process.kill(process.pid, "SIGKILL");
      break;
    case "fail":
      await lifeLine.deliver({
        body: { case: "processFailed", value: { party, code: "user_code", message: "boom" } },
      });
      process.exit(1);
      break;
    case "spin":
      new Worker(URL.createObjectURL(new Blob(["for (;;);"])));
      return;
    case "flood":
      for (let line = 0;; line++) {
        process.stdout.write(`${line} ${"x".repeat(100)}\n`);
        await Bun.sleep(line % 100 === 0 ? 1 : 0);
      }
    case "describe":
      console.log(JSON.stringify({ env: process.env, folder: process.cwd() }));
      return;
    case "offspring": {
      const child = Bun.spawn(["sleep", "100"], { stdout: "inherit" });
      console.log(String(child.pid));
      return;
    }
  }
}

async function printLines(count: number): Promise<void> {
  for (let start = 0; start < count; start += 1000) {
    let text = "";
    for (let line = start; line < Math.min(count, start + 1000); line++) text += `line ${line} ✓\n`;
    await new Promise((resolve) => process.stdout.write(text, resolve));
  }
  console.error("printed");
}

if (Bun.isMainThread) await main();
