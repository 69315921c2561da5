/** Where the values of bench topologies come from: random words, one of them hot, sentences, bytes. */

import type { Source } from "./full_speed_spout.ts";

/** Words in the dictionary; a power of two. */
const WORDS = 131_072;
const WORD_LENGTH = 20;
const LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz";
const SENTENCES = 1000;
const WORDS_A_SENTENCE = 10;
const SENTENCE_WORDS: readonly string[] = Object.freeze(
  ("the a stream heron water river wing morning counts carries over under long bright quiet " +
    "tuple batch cloud field stone every little waits and flies home again before night comes")
    .split(" "),
);

/** Small random numbers, fast: xorshift of 32 bits. */
class SmallRandom {
  #state: number;

  constructor() {
    this.#state = (Math.random() * 0xffff_fffe + 1) | 0;
  }

  /** 32 random bits, as an integer that may be negative. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return x;
  }

  below(limit: number): number {
    return (this.next() >>> 0) % limit;
  }
}

/**
 * Draws words out of one buffer, as one who reads them from a file or a socket does: an array of
 * so many strings would cost three cache misses a word, more than all that is measured here.
 */
function drawnWords(random: SmallRandom): (index: number) => string {
  // Node's types leave latin1Slice out; it takes less than half of what toString does.
  const bytes = Buffer.alloc(WORDS * WORD_LENGTH) as Buffer & {
    latin1Slice(start: number, end: number): string;
  };
  for (let at = 0; at < bytes.length; at++) {
    bytes[at] = LETTERS.charCodeAt(random.below(LETTERS.length));
  }
  return (index) => bytes.latin1Slice(index * WORD_LENGTH, (index + 1) * WORD_LENGTH);
}

/** 131,072 random words of 20 characters, one at a random index. */
export function wordSource(): () => unknown {
  const random = new SmallRandom();
  const word = drawnWords(random);
  return () => word(random.next() & (WORDS - 1));
}

/** The same, but nine of ten are one word. */
export function hotWordSource(): () => unknown {
  const random = new SmallRandom();
  const word = drawnWords(random);
  return () => word(random.below(10) === 0 ? random.next() & (WORDS - 1) : 0);
}

/** One string of 10 characters. */
export function constantSource(): () => unknown {
  return () => "0123456789";
}

/** 1,000 sentences of 10 words. */
export function sentenceSource(): () => unknown {
  const random = new SmallRandom();
  const sentences = Array.from({ length: SENTENCES }, () => {
    const words = Array.from(
      { length: WORDS_A_SENTENCE },
      () => SENTENCE_WORDS[random.below(SENTENCE_WORDS.length)],
    );
    return new TextDecoder().decode(new TextEncoder().encode(words.join(" ")));
  });
  return () => sentences[random.below(SENTENCES)];
}

/** One array of so many bytes. */
export function bytesSource(length: number): Source {
  return () => {
    const bytes = new Uint8Array(length).fill(7);
    return () => bytes;
  };
}
