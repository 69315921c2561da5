/** The keyed states of one task, by name: checks what is asked for, and makes each once. */

import type { InputDefinition, KeyedStateOptions, StateValueKind } from "../api/mod.ts";
import { HeronError } from "../base/mod.ts";
import { rangeOf } from "../tuples/mod.ts";
import { AnyState } from "./any_state.ts";
import type { ByteKeyedState, ByteKeyedStateOptions } from "./byte_keyed_state.ts";
import { Float64State, Int32State, Int64State } from "./number_states.ts";

/** The task whose states they are. */
export interface StateOwner {
  readonly component: string;
  /** Its rank among the tasks of the component, from 0. */
  readonly index: number;
  /** The tasks of the component. */
  readonly parallelism: number;
  readonly inputs: readonly InputDefinition[];
  /** Key groups of the topology, a power of two. */
  readonly keyGroups: number;
}

type OpenState = Int32State | Float64State | Int64State | AnyState;

const KINDS: Readonly<Record<StateValueKind, new (options: ByteKeyedStateOptions) => OpenState>> =
  Object.freeze({ int32: Int32State, float64: Float64State, int64: Int64State, any: AnyState });

/** Makes and keeps the states of one task. */
export class KeyedStates {
  readonly #owner: StateOwner;
  readonly #states = new Map<string, OpenState>();

  /** No state yet. */
  constructor(owner: StateOwner) {
    this.#owner = owner;
  }

  /** All states that were asked for, in that order. */
  all(): ByteKeyedState<unknown>[] {
    // A state of numbers is asked for no others: what is saved is what is restored.
    return [...this.#states.values()] as ByteKeyedState<unknown>[];
  }

  /**
   * The state `name`, made when it is asked for first.
   * @throws HeronError "user_code" when it was asked for with other options, or its keys are not
   *   those of this task
   */
  open(name: string, options: KeyedStateOptions): OpenState {
    const label = `keyed state "${name}" of "${this.#owner.component}"`;
    const { fields, grouped } = this.#keyOf(label, options);
    const known = this.#states.get(name);
    if (known === undefined) {
      const State = this.#kindOf(label, options);
      const { index, keyGroups, parallelism } = this.#owner;
      const groups = rangeOf(index, keyGroups, parallelism);
      const state = new State({ name, label, fields, grouped, keyGroups, groups });
      this.#states.set(name, state);
      return state;
    }
    const found = textOf(options.value, fields);
    const first = textOf(known.kind, known.definition.fields);
    if (found === first) return known;
    throw userError(label, `${found}, expected ${first} as when it was asked for first`);
  }

  #kindOf(label: string, { value }: KeyedStateOptions): (typeof KINDS)[StateValueKind] {
    if (Object.hasOwn(KINDS, value)) return KINDS[value];
    throw userError(
      label,
      `values "${String(value)}", expected one of ${Object.keys(KINDS).join(", ")}`,
    );
  }

  /** The fields of a key, and how many of them decide its group. */
  #keyOf(
    label: string,
    { key }: KeyedStateOptions,
  ): { fields: readonly string[]; grouped: number } {
    const { inputs, parallelism } = this.#owner;
    const groupings = inputs.flatMap(({ grouping }) =>
      grouping.type === "fields" ? [grouping.fields] : []
    );
    const distinct = groupings.filter((one, place) =>
      groupings.findIndex((other) => isPrefix(one, other) && isPrefix(other, one)) === place
    );
    const known = distinct.map((fields) => `[${fields.join(", ")}]`).join(" and ") || "none";
    const [only] = distinct;
    if (key === undefined) {
      if (only !== undefined && distinct.length === 1) {
        return { fields: only, grouped: only.length };
      }
      throw userError(label, `no key and fields groupings by ${known}, expected one, or a key`);
    }
    const fields = [...key];
    if (fields.length === 0 || new Set(fields).size < fields.length) {
      throw userError(label, `key [${fields.join(", ")}], expected fields, each once`);
    }
    const lengths = new Set(
      distinct.filter((one) => isPrefix(one, fields)).map((one) => one.length),
    );
    const [grouped] = lengths;
    if (grouped !== undefined && lengths.size === 1) return { fields, grouped };
    // One task has all keys, in whatever way they came.
    if (distinct.length === 0 && parallelism === 1) return { fields, grouped: fields.length };
    throw userError(
      label,
      `key [${
        fields.join(", ")
      }] and fields groupings by ${known}, expected a key that begins with ` +
        `the fields of one: they say which task has a key`,
    );
  }
}

function isPrefix(fields: readonly string[], of: readonly string[]): boolean {
  return fields.every((name, place) => of[place] === name);
}

function textOf(kind: StateValueKind, fields: readonly string[]): string {
  return `values "${kind}" and key [${fields.join(", ")}]`;
}

function userError(label: string, found: string): HeronError {
  return new HeronError("user_code", `Open ${label}: found ${found}`);
}
