/** A user's object with some of its methods replaced; the others stay, private fields and all. */

/** `target` with `methods` in place of its own of these names; to be read and called alone. */
export function overridden<Target extends object>(
  target: Target,
  methods: Partial<Target>,
): Target {
  const bound = new Map<PropertyKey, { readonly method: unknown; readonly call: unknown }>();
  // Not a proxy of `target` itself: of one that is frozen it could replace nothing.
  const proxied = new Proxy({}, {
    get(_proxied, key): unknown {
      // Own properties alone: what any object has is the target's.
      if (Object.hasOwn(methods, key)) return Reflect.get(methods, key);
      const value: unknown = Reflect.get(target, key, target);
      if (typeof value !== "function") return value;
      // User code may put another method in the place of one.
      let known = bound.get(key);
      if (known?.method !== value) {
        known = { method: value, call: value.bind(target) };
        bound.set(key, known);
      }
      return known.call;
    },
    has: (_proxied, key) => Reflect.has(target, key),
  });
  // It answers for each property as `target` does.
  return proxied as Target;
}
