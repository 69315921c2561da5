/**
 * A launcher: what a command line does about the scheduler of a submitted topology. It starts one that
 * outlives it, says whether that still is, and ends what is left of one that cannot be asked. One
 * for each scheduler; how a topology is asked to end is not its business.
 */

/** What is to be started. */
export interface Launch {
  /** Absolute path of the job record; it is in the command line of each process of the topology. */
  readonly jobFile: string;
  /** Command line of the scheduler. */
  readonly command: readonly string[];
  /** All variables that it gets. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** Gets what the process itself prints. */
  readonly logFile: string;
}

/** A topology that was launched, as far as it is known. */
export interface Launched {
  readonly jobFile: string;
  /** What its scheduler has told of itself; undefined: nothing yet. */
  readonly told: {
    readonly host: string;
    readonly pid: number;
    readonly startTime: bigint;
  } | undefined;
}

/** The job of another system's that a scheduler runs in. */
export interface JobFacts {
  /** Its number there. */
  readonly id: string;
  /** The nodes that it has, as that system spells them; empty: none. */
  readonly nodes: string;
  /** Until its time limit; undefined: it has none, or does not run. */
  readonly secondsLeft?: number;
}

/** Whether a scheduler is there; in words, if not. `job`: that it runs in, where there is one. */
export type Presence =
  /** `note`: how it is, where there is more to say. */
  | { readonly type: "alive"; readonly note?: string; readonly job?: JobFacts }
  /** It waits to be started, maybe for days. `isHopeless`: for ever, unless somebody does something. */
  | {
    readonly type: "queued";
    readonly reason: string;
    readonly isHopeless: boolean;
    readonly job: JobFacts;
  }
  /** `verdict`: why it ended, where somebody else knows. */
  | {
    readonly type: "gone";
    readonly reason: string;
    readonly verdict?: string;
    readonly job?: JobFacts;
  }
  /** It cannot be seen from here. */
  | { readonly type: "unknown"; readonly reason: string };

/** Launches the schedulers of topologies. */
export interface Launcher {
  /**
   * Starts the scheduler of a topology.
   * @throws HeronError when it cannot be started
   */
  launch(launch: Launch): Promise<void>;

  /**
   * Whether its scheduler is there.
   * @param isFresh as it is now, and not as another command saw it a while ago; who acts on it needs that
   */
  look(topology: Launched, isFresh?: boolean): Promise<Presence>;

  /**
   * Ends all processes that are left of a topology, its scheduler first; resolves when they are gone.
   * Idempotent.
   * @throws HeronError `unavailable` when it cannot be done from here
   */
  end(topology: Launched): Promise<void>;
}
