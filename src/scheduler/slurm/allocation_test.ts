import { expect, test } from "bun:test";
import { placeContainers, readAllocation } from "./allocation.ts";

const NODES = [{ name: "n1", places: 2 }, { name: "n2", places: 1 }, { name: "n4", places: 2 }];

test("readAllocation() reads what Slurm told the script", () => {
  const variables = {
    SLURM_JOB_ID: "21",
    SLURM_JOB_NODELIST: "n[1-2],n4",
    SLURM_TASKS_PER_NODE: "2,1,2",
  };
  const nodes = NODES.map((node) => ({ ...node, ramMib: Infinity }));
  expect(readAllocation(variables)).toEqual({ jobId: "21", nodes });
  expect(() => readAllocation({ ...variables, SLURM_TASKS_PER_NODE: "2(x2)" })).toThrow(
    'found nodes "n[1-2],n4" with tasks "2(x2)", expected as many of both',
  );
  for (const name of Object.keys(variables)) {
    expect(() => readAllocation({ ...variables, [name]: undefined })).toThrow(
      "expected to run within a job of Slurm's",
    );
  }
});

test("readAllocation() tells the memory that was asked for on each node", () => {
  const { nodes } = readAllocation({
    SLURM_JOB_ID: "21",
    SLURM_JOB_NODELIST: "n[1-3]",
    SLURM_TASKS_PER_NODE: "2(x2),1",
    SLURM_JOB_CPUS_PER_NODE: "8(x2),4",
    SLURM_MEM_PER_CPU: "512",
  });
  expect(nodes.map(({ ramMib }) => ramMib)).toEqual([4096, 4096, 2048]);
});

test("placeContainers() gives each worker a place, and container 0 a spare one", () => {
  const placesOf = (...containers: number[]) => [...placeContainers(containers, NODES)];
  expect(placesOf(0, 1, 2, 3, 4)).toEqual([[0, "n1"], [1, "n1"], [2, "n2"], [3, "n4"], [4, "n4"]]);
  // Where there is none it shares that of the first.
  expect(placesOf(0, 5, 2, 3, 7, 9))
    .toEqual([[0, "n1"], [2, "n1"], [3, "n1"], [5, "n2"], [7, "n4"], [9, "n4"]]);
  expect(() => placesOf(0, 1, 2, 3, 4, 5, 6)).toThrow("found 5 places for 6 containers");
});
