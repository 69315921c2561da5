/**
 * Serializers for the user's own classes: how they are registered, and what is
 * wrong with a registration. They are code, so each process takes them from the
 * bundle; the plan holds their names, by whose order an instance is known.
 */

import type { ConfigMap } from "./definition.ts";
import { idFault } from "./ids.ts";

/**
 * How instances of a class travel in tuples. Tuples of one process need it as well: what a bolt
 * gets is always a copy.
 *
 * @example
 * ```ts
 * import { Config, type Serialization } from "heron-bin";
 *
 * class Money {
 *   constructor(readonly cents: number, readonly currency: string) {}
 * }
 *
 * const money: Serialization<Money> = {
 *   name: "money",
 *   serialize: ({ cents, currency }) => [cents, currency],
 *   deserialize: (value) => {
 *     const [cents, currency] = Array.isArray(value) ? value : [];
 *     return new Money(Number(cents), String(currency));
 *   },
 * };
 * const config = new Config().registerSerialization(Money, money);
 * ```
 */
export interface Serialization<T> {
  /** Unique in the topology; recorded in its plan. */
  readonly name: string;
  /** What stands for `value`: bytes, or anything else that tuples carry. It must not emit. */
  serialize(value: T): unknown;
  /** The instance again, of what `serialize` returned, or of an equal copy. */
  deserialize(value: unknown): T;
}

/** A class as `registerSerialization` takes it: with any constructor. */
export type SerializedClass<T> = abstract new (...args: never[]) => T;

/** A class with its serializer. */
export interface RegisteredSerialization extends Serialization<object> {
  /** Instances have exactly this prototype; those of subclasses do not. */
  readonly prototype: object;
}

/** The configuration key that records the names, joined by `,`; `createTopology` writes it. */
export const SERIALIZATIONS_KEY = "topology.serializations";

const CARRIED: readonly object[] = [
  Object.prototype,
  Array.prototype,
  Map.prototype,
  Set.prototype,
  Date.prototype,
  Uint8Array.prototype,
  Buffer.prototype,
];

/** Keeps a class and its serializer together; nothing is checked yet. */
export function registered<T extends object>(
  type: SerializedClass<T>,
  serialization: Serialization<T>,
): RegisteredSerialization {
  return {
    name: serialization.name,
    // Not of the type when it is no class: checked with the rest of the topology.
    prototype: type?.prototype as object,
    // Given instances of the class only: they are found by its prototype.
    serialize: (value) => serialization.serialize(value as T),
    deserialize: (value) => serialization.deserialize(value),
  };
}

/** The registrations in the order of their names, each checked. */
export function checkSerializations(
  given: readonly RegisteredSerialization[],
  faults: string[],
): readonly RegisteredSerialization[] {
  const names = new Set<string>();
  const prototypes = new Set<object>();
  for (const { name, prototype } of given) {
    const owner = `Serializer "${name}"`;
    const fault = idFault(name);
    if (fault !== undefined) faults.push(`${owner}: its name ${fault}`);
    if (names.has(name)) faults.push(`${owner}: its name is used by another serializer`);
    if (typeof prototype !== "object" || prototype === null) {
      faults.push(`${owner}: found no class, expected the class whose instances it is for`);
    } else if (CARRIED.includes(prototype)) {
      faults.push(`${owner}: found a class that tuples carry by themselves, expected your own`);
    } else if (prototypes.has(prototype)) {
      faults.push(`${owner}: found a class that has another serializer, expected one for each`);
    }
    names.add(name);
    prototypes.add(prototype);
  }
  return given.toSorted((a, b) => a.name < b.name ? -1 : 1);
}

/** What the plan records of `serializations`; nothing where there are none. */
export function serializationsConfig(
  serializations: readonly RegisteredSerialization[],
): ConfigMap {
  if (serializations.length === 0) return {};
  return { [SERIALIZATIONS_KEY]: serializations.map(({ name }) => name).join(",") };
}
