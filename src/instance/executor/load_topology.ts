/** Builds the user's topology in an instance, from the bundle and the recorded arguments. */

import type { Topology } from "../../api/mod.ts";
import { HeronError } from "../../base/mod.ts";
import {
  callFactory,
  describeDifference,
  importBundle,
  planHash,
  registerUserApi,
} from "../../plan/mod.ts";
import type { TaskJob } from "../bridge.ts";
import { FatalUserError } from "./work.ts";

/**
 * Builds the topology as it was built at submit, and compares.
 * @throws FatalUserError what user code threw
 * @throws HeronError `unstable_topology` when it differs
 */
export async function loadTopology(job: TaskJob): Promise<Topology> {
  registerUserApi();
  let topology: Topology;
  try {
    const module = await importBundle(job.bundle);
    topology = await callFactory(module["default"], job.arguments);
  } catch (thrown) {
    throw thrown instanceof HeronError ? thrown : new FatalUserError(thrown);
  }
  const { definition } = topology;
  const named = definition.name === "" ? { ...definition, name: job.topologyName } : definition;
  const hash = await planHash(named);
  if (Buffer.compare(hash, job.planHash) !== 0) {
    throw new HeronError(
      "unstable_topology",
      `Build the topology again: found another plan than was submitted, expected the same:\n${
        describeDifference(job.definition, named)
      }`,
    );
  }
  return topology;
}
