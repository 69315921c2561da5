/**
 * Collects the streams that a component declares, and what is wrong with them.
 * Whether anybody can use them is checked with the inputs.
 */

import type { StreamDefinition } from "./definition.ts";
import type { Fields } from "./fields.ts";
import { DEFAULT_STREAM, idFault } from "./ids.ts";
import type { FieldNames, OutputFieldsDeclarer } from "./output_fields_declarer.ts";

declare const MORE: unique symbol;

/**
 * Marks `outputs` beside which a component declares streams by `declareOutputFields`.
 * @internal
 */
export type MoreStreams = { readonly [MORE]?: true };

/** The declarer that `declareOutputFields` is given. */
export class StreamDeclarations implements OutputFieldsDeclarer {
  readonly #owner: string;
  readonly #faults: string[];
  readonly #streams = new Map<string, StreamDefinition>();

  /** Faults go to `faults`, each line beginning with `owner`. */
  constructor(owner: string, faults: string[]) {
    this.#owner = owner;
    this.#faults = faults;
  }

  /** The streams in the order of their declaration. */
  get streams(): readonly StreamDefinition[] {
    return [...this.#streams.values()];
  }

  declare(fields: FieldNames): void;
  declare(direct: boolean, fields: FieldNames): void;
  declare(first: boolean | FieldNames, second?: FieldNames): void {
    if (typeof first === "boolean") this.#add(DEFAULT_STREAM, first, second);
    else this.#add(DEFAULT_STREAM, false, first);
  }

  declareStream(streamId: string, fields: FieldNames): void;
  declareStream(streamId: string, direct: boolean, fields: FieldNames): void;
  declareStream(streamId: string, first: boolean | FieldNames, second?: FieldNames): void {
    if (typeof first === "boolean") this.#add(streamId, first, second);
    else this.#add(streamId, false, first);
  }

  /** Declares what `outputs`, the member of a component, says: a `Fields`, or some by stream. */
  declareOutputs(outputs: unknown): void {
    if (isFields(outputs)) return this.#add(DEFAULT_STREAM, false, outputs);
    if (typeof outputs !== "object" || outputs === null || Array.isArray(outputs)) {
      return this.#fault(
        `its outputs are ${foundText(outputs)}, expected a Fields or an object of them`,
      );
    }
    for (const [id, fields] of Object.entries(outputs)) {
      if (isFields(fields)) this.#add(id, false, fields);
      else this.#fault(`outputs.${id} is ${foundText(fields)}, expected a Fields`);
    }
  }

  #add(id: string, direct: boolean, names: FieldNames | undefined): void {
    const fault = idFault(id);
    if (fault !== undefined) this.#fault(`declares a stream whose id ${fault}`);
    if (names === undefined || typeof names === "string") {
      return this.#fault(`declares stream "${id}" without a list of fields`);
    }
    if (this.#streams.has(id)) return this.#fault(`declares stream "${id}" twice`);
    const fields = [...names];
    const seen = new Set<string>();
    for (const field of fields) {
      if (typeof field !== "string" || field === "" || !field.isWellFormed()) {
        this.#fault(`stream "${id}" has the field name "${field}", expected non-empty text`);
      } else if (seen.has(field)) {
        this.#fault(`stream "${id}" has the field "${field}" twice`);
      }
      seen.add(field);
    }
    this.#streams.set(id, Object.freeze({ id, fields: Object.freeze(fields), direct }));
  }

  #fault(text: string): void {
    this.#faults.push(`${this.#owner}: ${text}`);
  }
}

// By its methods, not its class: the Fields of another copy of this module is one as well.
function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && "fieldIndex" in value && "toList" in value;
}

function foundText(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object of another kind" : `of type ${typeof value}`;
}
