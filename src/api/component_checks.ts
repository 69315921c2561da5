/**
 * Checks one described component by itself and turns it into plain data: its
 * id, parallelism, code, configuration and streams. Its inputs are another file's.
 */

import { isPromiseLike } from "./maybe_promise.ts";
import { Config, serializationsOf, toConfigMap } from "./config.ts";
import { checkConfig } from "./config_rules.ts";
import type { ComponentDraft } from "./declarers.ts";
import type { ComponentDefinition, ConfigMap, StreamDefinition } from "./definition.ts";
import { errorPolicyStreams } from "./error_policy.ts";
import { idFault } from "./ids.ts";
import { StreamDeclarations } from "./stream_declarations.ts";

/** Most tasks of a component. */
const PARALLELISM_MAX = 100_000;

/** How a component is named in faults. */
export function componentLabel({ kind, id }: Pick<ComponentDraft, "kind" | "id">): string {
  return `${kind === "spout" ? "Spout" : "Bolt"} "${id}"`;
}

/** The component as plain data; what is wrong with it is added to `faults`. */
export function checkComponent(draft: ComponentDraft, faults: string[]): ComponentDefinition {
  const owner = componentLabel(draft);
  const idProblem = idFault(draft.id);
  if (idProblem !== undefined) faults.push(`${owner}: its id ${idProblem}`);
  const { parallelism } = draft;
  if (!Number.isSafeInteger(parallelism) || parallelism < 1 || parallelism > PARALLELISM_MAX) {
    faults.push(
      `${owner}: parallelism is "${parallelism}", expected a whole number from 1 to ${PARALLELISM_MAX}`,
    );
  }
  const codeProblem = codeFault(draft);
  if (codeProblem !== undefined) faults.push(`${owner}: ${codeProblem}`);
  const answersQuestions = typeof draft.code === "object" && draft.code !== null;
  const config = answersQuestions ? configOf(draft, faults) : {};
  const then = config[Config.TOPOLOGY_COMPONENT_ERROR_THEN];
  if (draft.kind === "spout" && then !== undefined && then !== "crash") {
    faults.push(
      `${owner}: config "${Config.TOPOLOGY_COMPONENT_ERROR_THEN}" is "${then}", expected "crash": ` +
        "a call of a spout has no tuple",
    );
  }
  return Object.freeze({
    name: draft.id,
    kind: draft.kind,
    parallelism,
    config,
    outputs: answersQuestions
      ? Object.freeze([...streamsOf(draft, faults), ...errorPolicyStreams(config)])
      : [],
    inputs: Object.freeze([...draft.inputs]),
  });
}

function codeFault({ kind, component, code: found }: ComponentDraft): string | undefined {
  const method = kind === "spout" ? "nextTuple" : "execute";
  if (typeof found !== "object" || found === null) {
    const hint = typeof found === "function" ? "; make an instance of the class by new" : "";
    return `found ${found === null ? "null" : `type "${typeof found}"`}, expected an object with ` +
      `${method}()${hint}`;
  }
  const code = (found as Record<string, unknown>)[method]; // only read, and checked next
  if (typeof code !== "function") return `has no method ${method}()`;
  if (kind === "bolt" && code.length > 1 && found === component) {
    return "execute() takes a collector, as basic bolts do: set it by setBasicBolt() or extend " +
      "BaseBasicBolt";
  }
  return undefined;
}

function configOf(draft: ComponentDraft, faults: string[]): ConfigMap {
  const owner = componentLabel(draft);
  const own = asked(
    () => draft.component.getComponentConfiguration?.(),
    `${owner}: getComponentConfiguration()`,
    faults,
  ) ?? {};
  for (const { name } of [own, draft.config].flatMap(serializationsOf)) {
    faults.push(
      `${owner}: its configuration registers serializer "${name}", expected that in the topology's, ` +
        "which createTopology() is given",
    );
  }
  const config = checkConfig({ ...toConfigMap(own), ...draft.config.toMap() }, owner, faults);
  if (Config.TOPOLOGY_COMPONENT_PARALLELISM in config) {
    faults.push(
      `${owner}: config "${Config.TOPOLOGY_COMPONENT_PARALLELISM}" is set, expected the ` +
        `parallelism as third argument of ${draft.kind === "spout" ? "setSpout" : "setBolt"}()`,
    );
  }
  return config;
}

function streamsOf(draft: ComponentDraft, faults: string[]): readonly StreamDefinition[] {
  const owner = componentLabel(draft);
  const declarations = new StreamDeclarations(owner, faults);
  // A member of any name and kind may stand there in code without types.
  const outputs = asked(
    (): unknown => (draft.code as { outputs?: unknown }).outputs,
    `${owner}: outputs`,
    faults,
  );
  if (outputs !== undefined) declarations.declareOutputs(outputs);
  const question = `${owner}: declareOutputFields()`;
  const answer = asked(
    (): unknown => draft.component.declareOutputFields?.(declarations),
    question,
    faults,
  );
  if (isPromiseLike(answer)) {
    // Its failure is of no interest any more; without this it would be an unhandled rejection.
    void answer.then(undefined, () => undefined);
    faults.push(`${question} returned a promise, expected declarations before it returns`);
  }
  return declarations.streams;
}

/** The answer of user code; what it throws is a fault like any other, so that all are seen at once. */
function asked<T>(ask: () => T, question: string, faults: string[]): T | undefined {
  try {
    return ask();
  } catch (thrown) {
    // On one line: each fault is one.
    faults.push(`${question} threw ${String(thrown).replaceAll(/\s*\n\s*/g, " ")}`);
    return undefined;
  }
}
