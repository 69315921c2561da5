/** Values as they were when a test saw them: what user code changes later changes no record. */

/**
 * A copy of what tuples carry, at any depth. Objects of the user's classes are kept as they are: only
 * their serializers know them.
 */
export function copied(value: unknown): unknown {
  return copyOf(value, new Map());
}

/** The same of each of `values`. */
export function copiedAll(values: readonly unknown[]): readonly unknown[] {
  return values.map(copied);
}

/** `known`: what was copied already, which ends where an object holds itself. */
function copyOf(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const before = known.get(value);
  if (before !== undefined) return before;
  if (Array.isArray(value)) return filled(value, [], known);
  switch (Object.getPrototypeOf(value)) {
    case Map.prototype:
      return filled(value, new Map(), known);
    case Set.prototype:
      return filled(value, new Set(), known);
    case Object.prototype:
    case null:
      return filled(value, {}, known);
    case Buffer.prototype:
      // The prototype says so.
      return Buffer.from(value as Buffer);
    case Uint8Array.prototype:
    case Date.prototype:
      return structuredClone(value);
  }
  return value;
}

function filled(value: object, copy: object, known: Map<object, unknown>): object {
  known.set(value, copy);
  const inner = (one: unknown): unknown => copyOf(one, known);
  if (Array.isArray(copy)) {
    // Both are of one kind.
    for (const one of value as readonly unknown[]) copy.push(inner(one));
  } else if (copy instanceof Map) {
    // Of one kind.
    for (const [key, one] of value as Map<unknown, unknown>) copy.set(inner(key), inner(one));
  } else if (copy instanceof Set) {
    // Of one kind.
    for (const one of value as Set<unknown>) copy.add(inner(one));
  } else {
    for (const [key, one] of Object.entries(value)) {
      Object.defineProperty(copy, key, {
        value: inner(one),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
  }
  return copy;
}
