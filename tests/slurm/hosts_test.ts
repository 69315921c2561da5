/**
 * A topology on hosts that really differ: nodes with addresses and loopbacks of their own, so that
 * nothing can depend on loopback or on one machine's name.
 */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { topologyFile } from "../e2e/live_run.ts";
import { HOSTS_NETWORK } from "../infra/hosts.ts";
import { waitFor } from "../infra/programs.ts";
import { type SlurmCluster, startSlurm } from "../infra/slurm.ts";
import { nodeOf, PATIENCE_MS, SlurmHome } from "./slurm_home.ts";

const TEST_MS = 4 * PATIENCE_MS;

let slurm: SlurmCluster;
beforeAll(async () => {
  // A node has room for one container.
  slurm = await startSlurm({ nodes: 2, cpus: 4, ramMib: 16_000, areHosts: true });
}, 300_000);
afterAll(() => slurm[Symbol.asyncDispose](), 60_000);

test.each(["network", "interface"])(
  "tuples flow between hosts that are chosen by %s",
  async (key) => {
    using home = new SlurmHome(slurm);
    const reach = key === "network" ? HOSTS_NETWORK : "hb0";
    const file = topologyFile("counting");
    await home.succeed("submit", "slurm", "--slurm", `${key}=${reach}`, file, home.data);
    for (const task of [1, 2]) await home.untilFlowing(task);
    const containers = home.roles.filter(({ role }) => role === "container");
    const nodes = new Set(containers.map(({ pid }) => nodeOf(pid)));
    // The first two share a place.
    expect([containers.length, nodes.size]).toEqual([3, 2]);
    // The scheduler on one host, a container on another: either may go and comes back.
    const { pid } = await home.process("scheduler");
    process.kill(pid, "SIGKILL");
    const { folder = "" } = await home.listed("counting") ?? {};
    const log = join(folder, "logs/scheduler.log");
    const adopted = () => readFileSync(log, "utf8").split('"process adopted"').length - 1;
    await waitFor("the containers to be adopted", () => adopted() === 3, PATIENCE_MS);
    const container = await home.process("container", 2);
    process.kill(container.pid, "SIGKILL");
    await waitFor(
      "another container",
      () =>
        home.roles.some((one) =>
          one.container === 2 && one.role === "container" &&
          one.pid !== container.pid
        ),
      PATIENCE_MS,
    );
    for (const task of [1, 2]) await home.untilFlowing(task);
    await home.succeed("kill", "slurm", "counting");
    await home.expectNothingLeft();
  },
  TEST_MS,
);
