/**
 * A window of time on a run: processor time of each role between its two ends, memory at the
 * second, and what anything else on the machine took meanwhile.
 */

import { memoryOf } from "../tests/e2e/process_tree.ts";
import type { BenchRun, RoleProcess } from "./bench_run.ts";
import {
  cpuBetween,
  type MachineCpu,
  type ProcessCpu,
  sampleMachine,
  sampleProcess,
} from "./cpu_time.ts";

const MEGABYTE = 1e6;

/** What all processes of one name came to. */
export interface RoleFigures {
  /** The component of instances, else the role. */
  readonly name: string;
  /** Tuples pass through them. */
  readonly isOnTheWay: boolean;
  readonly processes: number;
  readonly cpuS: number;
  readonly privateMb: number;
  readonly residentMb: number;
}

/** What a window came to. */
export interface WindowFigures {
  /** Its ends, in milliseconds since the epoch. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly seconds: number;
  readonly roles: readonly RoleFigures[];
  /** Of whatever else runs on this machine. */
  readonly otherCpuS: number;
  /** Time in which the host ran others. */
  readonly stealS: number;
}

interface Sample {
  readonly atMs: number;
  readonly machine: MachineCpu;
  readonly processes: ReadonlyMap<number, ProcessCpu>;
}

/** Whether tuples pass through the process: spouts, bolts and stream managers. */
export function isOnTheWay({ name, task }: RoleProcess): boolean {
  return task !== undefined || name === "stmgr";
}

/** A window that is open. */
export class Window {
  readonly #run: BenchRun;
  readonly #processes: readonly RoleProcess[];
  readonly #start: Sample;

  /** Opens it now. */
  constructor(run: BenchRun) {
    this.#run = run;
    this.#processes = run.processes();
    this.#start = sample(this.#processes);
  }

  /** When it was opened, in milliseconds since the epoch. */
  get fromMs(): number {
    return this.#start.atMs;
  }

  /**
   * Closes it now.
   * @throws Error when a process has ended meanwhile, unless `mayEnd`
   */
  close({ mayEnd = false }: { readonly mayEnd?: boolean } = {}): WindowFigures {
    const end = sample(this.#processes);
    const gone = this.#processes.filter(({ pid }) => !end.processes.has(pid));
    if (gone.length > 0 && !mayEnd) {
      const names = gone.map(({ name }) => name).join(", ");
      throw new Error(
        `Measure: ${names} ended within the window; ${this.#run.stderr.slice(-2000)}`,
      );
    }
    const roles = this.#roles(end);
    const oursS = roles.reduce((sum, { cpuS }) => sum + cpuS, 0);
    const busyS = end.machine.busyS - this.#start.machine.busyS;
    return {
      fromMs: this.#start.atMs,
      toMs: end.atMs,
      seconds: (end.atMs - this.#start.atMs) / 1000,
      roles,
      otherCpuS: Math.max(0, busyS - oursS),
      stealS: end.machine.stealS - this.#start.machine.stealS,
    };
  }

  #roles(end: Sample): RoleFigures[] {
    const byName = Map.groupBy(this.#processes, ({ name }) => name);
    return [...byName].map(([name, processes]) => {
      const memory = processes.map(({ pid }) => memoryOf(pid));
      return {
        name,
        isOnTheWay: processes.some(isOnTheWay),
        processes: processes.length,
        cpuS: sum(processes.map(({ pid }) => this.#cpuS(pid, end))),
        privateMb: sum(memory.map((one) => one?.privateBytes ?? 0)) / MEGABYTE,
        residentMb: sum(memory.map((one) => one?.residentBytes ?? 0)) / MEGABYTE,
      };
    });
  }

  #cpuS(pid: number, end: Sample): number {
    const after = end.processes.get(pid);
    return after === undefined ? 0 : cpuBetween(this.#start.processes.get(pid), after) / 1e9;
  }
}

/** The two samples take the processes in the same order, so what that takes is in neither. */
function sample(processes: readonly RoleProcess[]): Sample {
  const atMs = performance.timeOrigin + performance.now();
  const machine = sampleMachine();
  const found = new Map<number, ProcessCpu>();
  for (const { pid } of processes) {
    const cpu = sampleProcess(pid);
    if (cpu !== undefined) found.set(pid, cpu);
  }
  return { atMs, machine, processes: found };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
