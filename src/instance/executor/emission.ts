/** Who looks on at what a collector emits; it costs nothing where nobody does. */

import { DEFAULT_STREAM, type OutputCollector, type SpoutOutputCollector } from "../../api/mod.ts";

/** What was emitted, as far as those who look on need it. */
export interface Emission {
  readonly stream: string;
  readonly values: readonly unknown[];
  /** A spout's; undefined: the tuple is not tracked. */
  readonly messageId: unknown;
  readonly tasks: readonly number[];
}

/** What those do with it. */
export type EmissionWatcher = (emission: Emission) => void;

/** The two methods of a collector that emit, whatever their overloads take. */
interface Emitting {
  emit: (...args: readonly unknown[]) => readonly number[];
  emitDirect: (taskId: number, ...args: readonly unknown[]) => readonly number[];
}

/** Tells `watch` of each emit from now on, when it has returned. User code keeps its collector. */
export function watchEmits(
  collector: OutputCollector | SpoutOutputCollector,
  kind: "spout" | "bolt",
  watch: EmissionWatcher,
): void {
  // What is put in passes its arguments on as they came.
  const emitting = collector as unknown as Emitting;
  const { emit, emitDirect } = emitting;
  const read = kind === "spout" ? spoutEmission : boltEmission;
  emitting.emit = (...args) => {
    const tasks = emit(...args);
    watch({ ...read(args), tasks });
    return tasks;
  };
  emitting.emitDirect = (taskId, ...args) => {
    const tasks = emitDirect(taskId, ...args);
    watch({ ...read(args), tasks });
    return tasks;
  };
}

type Emitted = Omit<Emission, "tasks">;

/** `[stream,] values [, messageId]`; it was emitted, so it is right. */
function spoutEmission(args: readonly unknown[]): Emitted {
  const at = typeof args[0] === "string" ? 1 : 0;
  return { stream: streamOf(args), values: valuesOf(args[at]), messageId: args[at + 1] };
}

/** `[stream,] [anchors,] values`. */
function boltEmission(args: readonly unknown[]): Emitted {
  return { stream: streamOf(args), values: valuesOf(args.at(-1)), messageId: undefined };
}

function streamOf([first]: readonly unknown[]): string {
  return typeof first === "string" ? first : DEFAULT_STREAM;
}

function valuesOf(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [];
}
