/** Chance, handed in: a seeded generator for tests and the simulator, a random seed for roles. */

/** A source of chance. */
export interface Random {
  /** An unsigned 32-bit integer. */
  uint32(): number;
  /** An integer in [0, below). */
  below(below: number): number;
  /** A number in [0, 1). */
  unit(): number;
}

/** A small fast generator (splitmix32 feeding xoshiro128**), repeatable from `seed`. */
export function seededRandom(seed: number): Random {
  let mix = seed >>> 0;
  const next = (): number => {
    mix = (mix + 0x9e3779b9) >>> 0;
    let z = mix;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  return generatorFrom(Uint32Array.of(next(), next(), next(), next()));
}

/** xoshiro128** from its 128 bits of state, not all 0. */
function generatorFrom(state: Uint32Array): Random {
  let [a = 1, b = 0, c = 0, d = 0] = state;
  const uint32 = (): number => {
    const scaled = Math.imul(b, 5);
    const result = Math.imul((scaled << 7) | (scaled >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return Object.freeze({
    uint32,
    below: (below: number) => Math.floor((uint32() / 2 ** 32) * below),
    unit: () => uint32() / 2 ** 32,
  });
}

/** A generator that nobody knows; of any two processes the chance differs, in 128 bits. */
export function systemRandom(): Random {
  return generatorFrom(crypto.getRandomValues(new Uint32Array(4)));
}
