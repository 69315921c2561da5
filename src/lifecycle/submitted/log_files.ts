/**
 * Which log files a word of a command line means: a component, a task or a role. Names in, paths out; who
 * reads them is another's business. Pure.
 */

import { HeronError, nearestName } from "../../base/mod.ts";
import type { PackingPlan } from "../../base/gen/heron/packing_plan_pb.ts";
import { instanceId } from "../../plan/mod.ts";

/** A log file, in the folder of the topology's logs. */
export interface NamedLog {
  /** The name of the file. */
  readonly file: string;
  /** Before each of its lines; empty where only one file is meant. */
  readonly prefix: string;
}

const OUTPUT = ".out";
const LOG = ".log";

/**
 * The files that `word` means, of those there are; without a word all that user code has printed.
 * @throws HeronError `usage` when it means nothing here
 */
export function chooseLogs(
  word: string | undefined,
  { containerPlans }: Pick<PackingPlan, "containerPlans">,
  files: readonly string[],
): readonly NamedLog[] {
  const there = new Set(files);
  const tasks = containerPlans.flatMap(({ id, instancePlans }) =>
    instancePlans.map(({ componentName, componentIndex, taskId }) => {
      const instance = instanceId(id, componentName, taskId);
      return { componentName, taskId, instance, prefix: `${componentName}[${componentIndex}] ` };
    })
  ).sort((a, b) => a.taskId - b.taskId);
  const meant = tasks.filter(({ componentName, taskId, prefix }) =>
    word === undefined || word === componentName || word === String(taskId) || prefix === `${word} `
  );
  if (meant.length > 0) {
    const isOne = meant.length === 1;
    return meant
      .map(({ instance, prefix }) => ({
        file: `${instance}${OUTPUT}`,
        prefix: isOne ? "" : prefix,
      }))
      .filter(({ file }) => there.has(file));
  }
  const roles = files.filter((file) => file.endsWith(LOG)).map((file) =>
    file.slice(0, -LOG.length)
  );
  if (word === undefined) return [];
  if (roles.includes(word)) return [{ file: `${word}${LOG}`, prefix: "" }];
  const names = [...new Set(tasks.map(({ componentName }) => componentName)), ...roles];
  const nearest = nearestName(word, names);
  throw new HeronError(
    "usage",
    `Find logs of "${word}": found no component, task or role of that name` +
      (nearest === undefined
        ? `, expected one of ${names.slice(0, 20).join(", ")}`
        : `; did you mean "${nearest}"?`),
  );
}
