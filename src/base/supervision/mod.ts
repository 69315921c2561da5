/** Door of `supervision`: processes, the life lines between them, and the watch over children. */

export {
  type CapturedProcess,
  type ChildExit,
  type ChildProcess,
  spawnCaptured,
  spawnLogged,
  type SpawnOptions,
} from "./child_process.ts";
export { isPermanent } from "./crash_policy.ts";
export { type LastingLineOptions, openLastingLine } from "./lasting_line.ts";
export { type LifeLine, type LifeLineOptions, openLifeLine } from "./life_line.ts";
export {
  isRunning,
  killGroup,
  killProcess,
  MemoryReader,
  type ProcessFacts,
  readCommandLine,
  readProcessesWith,
  readProcessFacts,
  signalProcess,
} from "./process_facts.ts";
export {
  type ChildEnd,
  type RemoteChildren,
  type SupervisedChild,
  Supervisor,
  type SupervisorOptions,
} from "./supervisor.ts";
