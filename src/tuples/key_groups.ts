/**
 * Key groups: the unit in which keys and their state are placed. A hash picks
 * a group, contiguous ranges of groups belong to the instances of a component,
 * so a change of parallelism moves ranges and never single keys.
 */

/** The key groups of one instance: from `first` up to, without, `end`. */
export interface KeyGroupRange {
  readonly first: number;
  readonly end: number;
}

/** The key group of a canonical hash (uint32); `keyGroups` is a power of two. */
export function keyGroupOf(hash: number, keyGroups: number): number {
  return hash & (keyGroups - 1);
}

/** The index, 0 to `parallelism` - 1, of the instance that a key group belongs to. */
export function indexOfKeyGroup(group: number, keyGroups: number, parallelism: number): number {
  return Math.floor((group * parallelism) / keyGroups);
}

/**
 * The key groups of the instance with this index; ranges differ by at most one group in size.
 * @throws RangeError when there are more instances than groups, or no such index
 */
export function rangeOf(index: number, keyGroups: number, parallelism: number): KeyGroupRange {
  if (parallelism > keyGroups || index < 0 || index >= parallelism) {
    throw new RangeError(
      `Find key groups: index "${index}" of ${parallelism} instances and ${keyGroups} groups, expected an index below the parallelism and no more instances than groups`,
    );
  }
  const firstOf = (of: number): number => Math.ceil((of * keyGroups) / parallelism);
  return { first: firstOf(index), end: firstOf(index + 1) };
}
