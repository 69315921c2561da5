/**
 * The incarnations that stream managers tell each other in their hellos: a list for those who use
 * them, numbers in a row on the wire.
 */

import type { Lives } from "../gen/heron_bin/packet_pb.ts";

/** Which life of a process. */
export interface Life {
  readonly epoch: number;
  readonly counter: number;
}

/** All current incarnations that a party knows. */
export interface HelloTable {
  readonly tasks: readonly { readonly task: number; readonly incarnation: Life }[];
  readonly stmgrs: readonly { readonly stmgr: string; readonly incarnation: Life }[];
}

/** What a party tells that knows of none. */
export const NO_LIVES: HelloTable = Object.freeze({ tasks: [], stmgrs: [] });

const NUMBERS_OF_TASK = 3;
const NUMBERS_OF_STMGR = 2;

/** The table as it travels; undefined: it is empty. */
export function packTable({ tasks, stmgrs }: HelloTable): Omit<Lives, "$typeName"> | undefined {
  if (tasks.length === 0 && stmgrs.length === 0) return undefined;
  return {
    tasks: tasks.flatMap(({ task, incarnation: { epoch, counter } }) => [task, epoch, counter]),
    stmgrs: stmgrs.flatMap(({ incarnation: { epoch, counter } }) => [epoch, counter]),
    stmgrIds: stmgrs.map(({ stmgr }) => stmgr),
  };
}

/** The table that came; what is cut off at its end is left out. */
export function unpackTable(lives: Lives | undefined): HelloTable {
  if (lives === undefined) return NO_LIVES;
  const { tasks: numbers, stmgrs, stmgrIds } = lives;
  const tasks: { task: number; incarnation: Life }[] = [];
  for (let at = 0; at + NUMBERS_OF_TASK <= numbers.length; at += NUMBERS_OF_TASK) {
    tasks.push({ task: numbers[at] ?? 0, incarnation: lifeAt(numbers, at + 1) });
  }
  const known = stmgrIds.slice(0, Math.floor(stmgrs.length / NUMBERS_OF_STMGR));
  return {
    tasks,
    stmgrs: known.map((stmgr, at) => ({
      stmgr,
      incarnation: lifeAt(stmgrs, NUMBERS_OF_STMGR * at),
    })),
  };
}

function lifeAt(numbers: readonly number[], at: number): Life {
  return { epoch: numbers[at] ?? 0, counter: numbers[at + 1] ?? 0 };
}
