/**
 * Encoded messages as any writer may make them: fields in any order, repeated,
 * absent or unknown. Readers that have a short way for what is usual are to
 * read them as protobuf-es does.
 */

import type { Random } from "../../src/base/mod.ts";
import { writeVarint } from "../../src/tuples/varint.ts";

/** The fields that a message has, by their wire type. */
export interface Soup {
  /** Field numbers of varints. */
  readonly varints: readonly number[];
  /** Field numbers of four bytes. */
  readonly fixed: readonly number[];
}

/** A message of some of the fields, in their order mostly; shorter than 128 bytes mostly. */
export function fieldSoup(random: Random, { varints, fixed }: Soup): Uint8Array {
  const tags = [...varints.map((field) => field << 3), ...fixed.map((field) => (field << 3) | 5)];
  for (let turn = random.below(3); turn > 0; turn--) {
    const at = random.below(tags.length);
    const [tag = 0] = tags.splice(at, 1);
    if (random.below(2) === 0) tags.splice(random.below(tags.length + 1), 0, tag);
  }
  for (let extra = random.below(3); extra > 0; extra--) {
    const known = tags[random.below(tags.length)] ?? 0;
    const tag = random.below(2) === 0 ? known : (15 << 3) | (random.below(2) === 0 ? 0 : 5);
    tags.splice(random.below(tags.length + 1), 0, tag);
  }
  const bytes = new Uint8Array(11 * tags.length);
  let at = 0;
  for (const tag of tags) {
    bytes[at++] = tag;
    if ((tag & 7) === 0) {
      at = writeVarint(bytes, at, random.below(2 ** (1 + random.below(32))));
      continue;
    }
    // Bytes that look like tags of the message itself.
    for (let byte = 0; byte < 4; byte++) bytes[at++] = tags[random.below(tags.length)] ?? 0;
  }
  return bytes.slice(0, at);
}
