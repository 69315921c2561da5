/** Sockets of another process are found and cut from outside; where nobody may, nothing is promised. */

import { expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { connectedSockets, cut, mayCut } from "./socket_cutter.ts";

/** Accepts a TCP and a unix connection of its own, and prints what it sees end. */
const SCRIPT = `
const seen = { socket: { data() {}, open() {}, close() {} } };
const path = "/tmp/hb-cut-" + process.pid + ".sock";
const tcp = Bun.listen({ hostname: "127.0.0.1", port: 0, ...seen });
const unix = Bun.listen({ unix: path, ...seen });
const open = (to, name) => Bun.connect({ ...to, socket: {
  data() {}, close() { console.log(name + " ended"); },
} });
await open({ hostname: "127.0.0.1", port: tcp.port }, "tcp");
await open({ unix: path }, "unix");
console.log("port " + tcp.port);
`;

test("cut() ends a TCP and a unix connection of another process", async () => {
  if (!mayCut()) return console.log("not root: cuts are left out");
  const child = Bun.spawn([process.execPath, "-e", SCRIPT], { stdout: "pipe", stderr: "inherit" });
  const lines = linesOf(child.stdout);
  const port = Number((await lines.next()).value?.slice("port ".length));
  const sockets = connectedSockets(child.pid);
  const ends = [
    sockets.find(({ address }) => "local" in address && address.remote === port),
    sockets.find(({ address }) => "unix" in address && address.unix.includes(`-${child.pid}.`)),
  ];
  const told: unknown[] = [];
  for (const end of ends) {
    if (end === undefined) throw new Error("Find a connection: there is none");
    expect(cut(end)).toBe(true);
    told.push((await lines.next()).value);
  }
  expect(told).toEqual(["tcp ended", "unix ended"]);
  child.kill("SIGKILL");
  await child.exited;
  rmSync(`/tmp/hb-cut-${child.pid}.sock`);
  expect(connectedSockets(child.pid)).toEqual([]);
}, 120_000);

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  let rest = "";
  for await (const chunk of stream) {
    rest += new TextDecoder().decode(chunk);
    const lines = rest.split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  return undefined;
}
