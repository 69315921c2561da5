/** A user's object with some of its methods replaced; the others stay, private fields and all. */

/** `target` with `methods` in place of its own of these names. */
export function overridden<Target extends object>(
  target: Target,
  methods: Partial<Target>,
): Target {
  const bound = new Map<PropertyKey, unknown>();
  return new Proxy(target, {
    get(_target, key): unknown {
      // Own properties alone: what any object has is the target's.
      if (Object.hasOwn(methods, key)) return Reflect.get(methods, key);
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      return bound.getOrInsertComputed(key, () => value.bind(target));
    },
  });
}
