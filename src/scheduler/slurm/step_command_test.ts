import { expect, test } from "bun:test";
import { nodeOfStep, stepArguments, stepVariables, stepWords } from "./step_command.ts";

test("stepArguments() starts one process on one node, beside the others", () => {
  const step = {
    jobId: "21",
    name: "container-1",
    node: "n2",
    cpus: 2,
    ramMib: 1024,
    workingFolder: "/shared/a b",
    logFile: "/shared/a b/logs/50%j.log",
    command: ["/bin/heron-bin", "container", "--job", "x"],
  };
  expect(stepArguments(step).join(" ")).toBe(
    "--jobid=21 --job-name=container-1 --nodes=1 --ntasks=1 --nodelist=n2 --cpus-per-task=2 " +
      "--mem=1024M --exact --overlap --kill-on-bad-exit=0 --export=ALL --input=none " +
      "--open-mode=append --output=/shared/a b/logs/50%%j.log --chdir=/shared/a b -- " +
      "/bin/heron-bin container --job x",
  );
  expect(stepArguments(step).slice(0, 2)).toEqual([...stepWords(step)]);
  expect(nodeOfStep(["srun", ...stepArguments(step)])).toBe("n2");
  expect(nodeOfStep(["srun", "hostname"])).toBeUndefined();
  const { logFile: _, ...unlogged } = { ...step, ramMib: undefined };
  expect(stepArguments(unlogged).filter((word) => /^--(mem|output)/.test(word))).toEqual([]);
});

test("stepVariables() keeps what names the job, and nothing of its size or of the login", () => {
  expect(stepVariables({
    SLURM_JOB_ID: "21",
    SLURM_CONF: "/etc/slurm.conf",
    SLURMD_NODENAME: "n1",
    CUDA_VISIBLE_DEVICES: "0",
    SLURM_MEM_PER_CPU: "100",
    SLURM_CPUS_PER_TASK: "2",
    SLURM_NTASKS: "4",
    SLURM_EXPORT_ENV: "NONE",
    SLURM_STEP_ID: undefined,
    BUN_OPTIONS: "--x",
    HOME: "/home/who",
  })).toEqual({
    SLURM_JOB_ID: "21",
    SLURM_CONF: "/etc/slurm.conf",
    SLURMD_NODENAME: "n1",
    CUDA_VISIBLE_DEVICES: "0",
  });
});
