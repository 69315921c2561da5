/**
 * Options of the JavaScript engine that heron-bin starts its own processes
 * with. They stand in the environment of a process, where the engine reads
 * them as it starts.
 */

/**
 * `startupJITDeferralScale`: while a process starts, code is compiled only when it has run twenty
 * times as often as it would be by default. Most code of a start runs a few hundred times and never
 * again, and compiling it was a third of the CPU time of a start. Tuples get there within
 * milliseconds.
 *
 * `useWarmUpMarkedBlocks`: no thread makes room in the heap before it is needed. That room was
 * 2 MiB and 7 ms of CPU time, a seventh of the start of an instance.
 *
 * `BUN_GC_TIMER_INTERVAL`: until a thread has been quiet thirty times in a row, Bun collects its
 * garbage each second, which was a quarter of what an idle topology took. After work each thread
 * collects all of it anyhow (`rest_collector.ts`).
 *
 * `numberOfGCMarkers`: a thread marks its garbage alone. Heaps here hold a few megabytes, and helpers
 * that must wait for a processor themselves made a pause half as long again: p99 of the latency
 * at 10,000 tuples a second is 0.8 of what it is with the engine's default, p99.9 0.6.
 *
 * An engine of another version may end at an option that it does not know, so a process that runs
 * user code must not hand them on to what that starts.
 */
export const RUNTIME_OPTIONS: Readonly<Record<string, string>> = Object.freeze({
  BUN_JSC_startupJITDeferralScale: "20",
  BUN_JSC_useWarmUpMarkedBlocks: "0",
  BUN_GC_TIMER_INTERVAL: "5000",
  BUN_JSC_numberOfGCMarkers: "1",
});
