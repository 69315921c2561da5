/**
 * Tries all orders in which the threads of a machine can take their steps.
 * A state seen before is not entered again, so that loops end.
 */

import type { Machine, Move, Snapshot } from "./machine.ts";

/** What was found. */
export interface Exploration {
  /** Different states that were seen. */
  readonly states: number;
  /** The first fault and the steps that lead there; undefined: there is none. */
  readonly fault: string | undefined;
}

interface Node {
  readonly snapshot: Snapshot;
  readonly before: Node | undefined;
  readonly move: Move | undefined;
}

/**
 * Explores `machine` from the state it is in. A fault is what a thread throws, and a state in
 * which some thread has not ended and none can go on.
 * @throws RangeError beyond `statesMax` states
 */
export function explore(machine: Machine, statesMax: number): Exploration {
  const start: Node = { snapshot: machine.save(), before: undefined, move: undefined };
  const seen = new Set([Bun.hash(machine.key())]);
  const open = [start];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    machine.restore(node.snapshot);
    const moves = machine.moves();
    if (moves.length === 0 && machine.unended().length > 0) {
      const fault = `waits for ever: ${machine.unended().join(", ")}`;
      return { states: seen.size, fault: story(machine, node, fault) };
    }
    for (const move of moves) {
      machine.restore(node.snapshot);
      const next = tryMove(machine, move);
      const key = Bun.hash(machine.key());
      if (next === undefined && seen.has(key)) continue;
      const reached = { snapshot: machine.save(), before: node, move };
      if (next !== undefined) {
        return { states: seen.size, fault: story(machine, reached, next) };
      }
      seen.add(key);
      open.push(reached);
    }
    if (seen.size > statesMax) throw new RangeError(`Explore: found more than ${statesMax} states`);
  }
  return { states: seen.size, fault: undefined };
}

/** What went wrong in `move`. */
function tryMove(machine: Machine, move: Move): string | undefined {
  try {
    machine.move(move);
    return undefined;
  } catch (thrown) {
    return String(thrown);
  }
}

/** The fault, and below it each step from the start. */
function story(machine: Machine, end: Node, fault: string): string {
  const nodes: Node[] = [];
  for (let node: Node | undefined = end; node !== undefined; node = node.before) nodes.push(node);
  const lines = nodes.reverse().map(({ before, move }) => {
    if (before === undefined || move === undefined) return "start";
    machine.restore(before.snapshot);
    tryMove(machine, move);
    return `${machine.nameOf(move)}: ${machine.lastAccess}`;
  });
  return [fault, ...lines].join("\n");
}
