import { expect, test } from "bun:test";
import type { ErrorCode } from "../../base/mod.ts";
import { isEndedJob, isUnknownJob, refusalOf } from "./refusals.ts";

/** What Slurm 22.05.8 printed, and what is made of it. */
const PRINTED: readonly (readonly [printed: string, code: ErrorCode, text: string])[] = [
  [
    "sbatch: error: CPU count per node can not be satisfied\n" +
    "sbatch: error: Batch job submission failed: Requested node configuration is not available\n",
    "invalid_config",
    "Submit: a container asks for more CPUs than a node has, expected fewer CPUs a container " +
    '(topology.container.cpu), or another partition ("CPU count per node can not be satisfied; ' +
    'Batch job submission failed: Requested node configuration is not available")',
  ],
  [
    "sbatch: error: Memory specification can not be satisfied\n" +
    "sbatch: error: Batch job submission failed: Requested node configuration is not available\n",
    "invalid_config",
    "Submit: a container asks for more memory than a node has, ",
  ],
  [
    "sbatch: error: invalid partition specified: nope\n" +
    "sbatch: error: Batch job submission failed: Invalid partition name specified\n",
    "invalid_config",
    "Submit: there is no such partition, ",
  ],
  [
    "sbatch: error: Invalid --time specification\n",
    "invalid_config",
    "Submit: the time limit is spelt ",
  ],
  [
    "sbatch: error: Invalid generic resource (gres) specification\n",
    "invalid_config",
    "Submit: there are no such generic resources",
  ],
  [
    "sbatch: error: Batch job submission failed: Invalid feature specification\n",
    "invalid_config",
    "Submit: no node has the features of the constraint, ",
  ],
  [
    "sbatch: error: Batch job submission failed: Requested reservation is invalid\n",
    "invalid_config",
    "Submit: there is no such reservation, ",
  ],
  [
    "sbatch: error: Batch job submission failed: Invalid node name specified\n",
    "invalid_config",
    "Submit: a node to be left out does not exist, ",
  ],
  [
    "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)\n",
    "unavailable",
    "Submit: Slurm's controller cannot be reached, ",
  ],
  [
    "squeue: error: s_p_parse_file: cannot stat file /nowhere: No such file or directory, retrying in 1sec up to 60sec\n" +
    "squeue: error: ClusterName needs to be specified\n" +
    "squeue: fatal: Unable to process configuration file\n",
    "unavailable",
    "Submit: Slurm's configuration was not found, ",
  ],
  [
    "scancel: error: Kill job error on job id 17: Access/permission denied\n",
    "unavailable",
    "Submit: Slurm denies it to you, ",
  ],
  [
    "sbatch: error: The moon is full\n",
    "unavailable",
    'Submit: found "The moon is full", expected ',
  ],
];

test.each(PRINTED)("refusalOf() says what %j means", (printed, code, text) => {
  const error = refusalOf("Submit", printed);
  expect(error.code).toBe(code);
  expect(error.message).toStartWith(text);
});

test("refusalOf() says how much was asked for where that is the matter", () => {
  const size = "1 place of 6 CPUs and 7168 MiB";
  const tooMuch = "Requested node configuration is not available";
  expect(refusalOf("Submit", tooMuch, size).message).toEndWith(`; the job asks for ${size}`);
  expect(refusalOf("Submit", "Invalid partition name", size).message).not.toContain(size);
});

test("jobs that are gone are known as such", () => {
  expect(isUnknownJob("scancel: error: Kill job error on job id 9: Invalid job id specified")).toBe(
    true,
  );
  expect(isUnknownJob("slurm_load_jobs error: Invalid job id specified")).toBe(true);
  expect(isEndedJob("Kill job error on job id 10: Job/step already completing or completed")).toBe(
    true,
  );
  expect(isUnknownJob("Access/permission denied") || isEndedJob("Access/permission denied")).toBe(
    false,
  );
});
