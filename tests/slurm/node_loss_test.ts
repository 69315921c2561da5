/**
 * A node of a real Slurm that crashes under a topology: the job lives on without it, and its
 * containers go where there is room, or are told to wait.
 */

import { expect, test } from "bun:test";
import { HOSTS_NETWORK } from "../infra/hosts.ts";
import { startSlurm } from "../infra/slurm.ts";
import { waitFor } from "../infra/programs.ts";
import { submitCounting, TASKS } from "./recovery.ts";
import { nodeOf, PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const TEST_MS = 5 * PATIENCE_MS;
/** Each container on a node of its own. */
const APART = ["--slurm", "containers.per.node=1", "--containers", "3"];

const SIZE = { nodes: 4, cpus: 16, ramMib: 64_000 };

/** The node that is not that of the scheduler, and the container on it. */
async function worker(home: SlurmHome): Promise<{ node: string; container: number }> {
  const { pid } = await home.process("container", 3);
  return { node: nodeOf(pid), container: 3 };
}

test(
  "containers of a node that crashed go to others that have room, and nothing is lost",
  async () => {
    // Where a container has another address than before.
    await using slurm = await startSlurm({ ...SIZE, areHosts: true });
    using home = new SlurmHome(slurm);
    const own = ["--slurm", "request.memory=false", "--slurm", `network=${HOSTS_NETWORK}`];
    await submitCounting(home, ...APART, ...own);
    const { node, container } = await worker(home);
    await slurm.crash(node);
    await waitFor("the container on another node", () => {
      const found = home.roles.find((one) =>
        one.role === "container" && one.container === container
      );
      return found !== undefined && nodeOf(found.pid) !== node;
    }, PATIENCE_MS);
    for (const task of TASKS) await home.untilFlowing(task);
    for (const task of TASKS) await home.expectNoneLost(task);
    expect((await home.listed("counting"))?.state).toBe("running");
    await home.succeed("kill", "slurm", "counting");
    await home.expectNothingLeft();
  },
  TEST_MS,
);

test(
  "containers of a node that is down wait where no other has room, and that is said",
  async () => {
    await using slurm = await startSlurm(SIZE);
    using home = new SlurmHome(slurm);
    await submitCounting(home, ...APART);
    const { node } = await worker(home);
    await slurm.crash(node);
    await slurm.run(["scontrol", "update", `nodename=${node}`, "state=down", "reason=test"]);
    await waitFor("it to be said", async () => {
      const { reason = "" } = await home.listed("counting") ?? {};
      return reason.includes(`container 3 waits: node ${node} is down`);
    }, PATIENCE_MS);
    expect(await home.succeed("describe", "slurm", "counting")).toContain(`node ${node} is down`);
    const [job = ""] = await home.jobs();
    await slurm.run(["scontrol", "requeue", job.split(" ")[0] ?? ""]);
    for (const task of TASKS) await home.untilFlowing(task);
    for (const task of TASKS) await home.expectNoneLost(task);
    await home.succeed("kill", "slurm", "counting");
    await home.expectNothingLeft();
  },
  TEST_MS,
);

test(
  "a topology that has lost the node of its scheduler is dead, and restarts on others",
  async () => {
    await using slurm = await startSlurm(SIZE);
    using home = new SlurmHome(slurm);
    await submitCounting(home, ...APART);
    const node = nodeOf((await home.process("scheduler")).pid);
    await slurm.crash(node);
    await slurm.run(["scontrol", "update", `nodename=${node}`, "state=down", "reason=test"]);
    home.forgetQueue();
    const { reason } = await home.untilState("counting", "dead");
    expect(reason).toContain(`node ${node} is down, on which its scheduler was`);
    await home.succeed("restart", "slurm", "counting");
    for (const task of TASKS) await home.untilFlowing(task);
    for (const task of TASKS) await home.expectNoneLost(task);
    await home.succeed("kill", "slurm", "counting");
    await home.expectNothingLeft();
  },
  TEST_MS,
);
