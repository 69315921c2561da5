/** The watching thread of the define process; apart, so that it starts at once. */

/** Tells the main thread that it watches, then kills the process when standard input ends. */
export async function watchLifeLine(): Promise<void> {
  const input = Bun.stdin.stream();
  postMessage("watching");
  for await (const _ of input);
  process.kill(process.pid, "SIGKILL");
}
