import { expect, test } from "bun:test";
import { commandsOf, directive, directivesOf, type SlurmOptions } from "./slurm_options.ts";

test("directivesOf() spells every option, and nothing for nothing", () => {
  expect(directivesOf({})).toEqual([]);
  expect(directivesOf({ extraLines: [] })).toEqual([]);
  expect(directivesOf({
    partition: "main,long",
    account: "proj-7",
    qos: "high",
    constraint: "[rack1|rack2]&nvme*2",
    reservation: "week7",
    gres: "gpu:a100:2",
    exclude: "n[3-5],n9",
    mailUser: "who+x@example.org",
    timeLimit: "1-01:00:00",
    mailType: "END,FAIL",
    containersPerNode: 4,
    extraLines: ["#SBATCH --exclusive", "module load x", '#SBATCH --comment2="a b"'],
  })).toEqual([
    '#SBATCH --partition="main,long"',
    '#SBATCH --account="proj-7"',
    '#SBATCH --qos="high"',
    '#SBATCH --constraint="[rack1|rack2]&nvme*2"',
    '#SBATCH --reservation="week7"',
    '#SBATCH --gres="gpu:a100:2"',
    '#SBATCH --exclude="n[3-5],n9"',
    '#SBATCH --time="1-01:00:00"',
    '#SBATCH --mail-user="who+x@example.org"',
    '#SBATCH --mail-type="END,FAIL"',
    "#SBATCH --ntasks-per-node=4",
    "#SBATCH --exclusive",
    '#SBATCH --comment2="a b"',
  ]);
});

test("commandsOf() gives the extra lines that are none of sbatch's", () => {
  const extraLines = ["#SBATCH --exclusive", "module load x", "# a comment"];
  expect(commandsOf({ extraLines })).toEqual(["module load x", "# a comment"]);
  expect(commandsOf({})).toEqual([]);
});

test("directive() keeps quotes and backslashes within the value", () => {
  expect(directive("job-name", 'a" --wrap="id \\')).toBe(
    '#SBATCH --job-name="a\\" --wrap=\\"id \\\\"',
  );
});

/** What would end the line that it stands on. */
const LINE_ENDS = ["a\n#SBATCH --uid=0", "a\rb", "a\0b", "a\u2028b", "a\tb", ""];

test("directivesOf() lets no value reach another line", () => {
  const keys = [
    ...["partition", "account", "qos", "constraint", "reservation", "gres", "exclude"],
    ...["jobName", "mailUser", "mailType", "timeLimit"],
  ];
  for (const value of LINE_ENDS) {
    for (const key of keys) {
      expect(() => directivesOf({ [key]: value })).toThrow(JSON.stringify(value));
    }
    expect(() => directivesOf({ extraLines: [value] })).toThrow(JSON.stringify(value));
  }
});

test("directivesOf() tells all faults at once", () => {
  const options: SlurmOptions = {
    partition: "",
    containersPerNode: 0,
    extraLines: ["#SBATCH --ntasks=9", "#SBATCH -c 4", "#SBATCH nodes=4", "#SBATCH --nodes=4"],
  };
  expect(() => directivesOf(options)).toThrow(
    [
      'Ask Slurm for a job: partition: found "", expected 1 to 4000 characters on one line',
      'extra line: found "#SBATCH --ntasks=9", which heron-bin sets itself',
      'extra line: found "#SBATCH -c 4", which heron-bin sets itself',
      'extra line: found "#SBATCH nodes=4", expected an option of sbatch behind "#SBATCH "',
      'extra line: found "#SBATCH --nodes=4", which heron-bin sets itself',
      "containers a node: found 0, expected a whole number from 1",
    ].join("\n"),
  );
  const extraLines = Array<string>(101).fill("x");
  expect(() => directivesOf({ extraLines })).toThrow("found 101, expected at most 100");
});
