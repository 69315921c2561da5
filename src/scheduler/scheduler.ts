/**
 * A scheduler: what starts the containers of a topology on some machines and kills them.
 * When they are started and stopped is the scheduler role's.
 */

import type { Logger } from "../base/mod.ts";
import type { ChildProcess, ProcessFacts } from "../base/supervision/mod.ts";

/** A container to be started. */
export interface ContainerStart {
  /** Its number; 0 is the topology master's. */
  readonly container: number;
  readonly command: readonly string[];
  /** Words in a row that the command line of each of its processes has, and no other process. */
  readonly marks: readonly string[];
  /** All variables that it gets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** Gets what the process itself prints. */
  readonly logFile: string;
  /** Gets a line for what goes wrong with it later. */
  readonly logger: Logger;
  /** It cannot be started before something changes: why, in words. @default nobody is told */
  onWaiting?(reason: string): void;
}

/** A container that was started. */
export interface RunningContainer extends ChildProcess {
  /**
   * Kills those of its processes that outlived it, before it returns; resolves when they are gone.
   * Those with its marks are found; those that it told of also when they have ended and what they
   * started has not.
   */
  killLeft(told: readonly ProcessFacts[]): Promise<void>;
}

/** Starts containers. */
export interface Scheduler {
  /** What containers are started in, where that outlives a scheduler: those of another are gone. @default nothing does */
  readonly allocation?: string;
  /**
   * Starts a container.
   * @throws HeronError when it cannot be started
   */
  start(container: ContainerStart): RunningContainer;

  /**
   * A container that an earlier scheduler started in the same allocation; one that is not there any
   * more has ended. @default there is never one
   */
  adopt?(container: ContainerStart): RunningContainer;
}
