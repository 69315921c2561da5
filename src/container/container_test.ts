import { resetSync } from "@logtape/logtape";
import { afterEach, expect, test } from "bun:test";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Packet, Role } from "../base/gen/heron_bin/packet_pb.ts";
import { HeronError, systemClock, systemRandom } from "../base/mod.ts";
import { type Connection, listen } from "../base/wire/mod.ts";
import { createJobFolder, type JobFolder, SPOUT } from "../../tests/support/job_folder.ts";
import { until } from "../../tests/support/wire.ts";
import { runContainer } from "./container.ts";

// A container that ends in disorder leaves its log to the end of its process.
afterEach(resetSync);

/** A scheduler in this process that writes down what container 1 tells. */
async function startScheduler({ path, topologyId, secret }: JobFolder) {
  const packets: Packet["body"][] = [];
  const connections: Connection[] = [];
  const server = await listen({
    address: { unix: join(path, "sockets", "scheduler.sock") },
    self: { role: Role.SCHEDULER, id: "scheduler" },
    topologyId,
    secret,
    clock: systemClock,
    handlers: {
      onOpen: (connection) => void connections.push(connection),
      onPacket(connection, { body, requestId }) {
        packets.push(body);
        connection.respond(requestId, { case: "acknowledged", value: {} });
      },
      onClose() {},
    },
  });
  return { packets, connections, server };
}

/** Runs container 1, every process of which is `script` of a shell. */
async function startContainer({ jobFile, epoch }: JobFolder, script: string): Promise<number[]> {
  const exits: number[] = [];
  await runContainer({
    jobFile,
    container: 1,
    incarnation: { epoch, counter: 1 },
    epoch: epoch + 4,
    command: ["/bin/sh", "-c", script],
    taskVariables: { PLACE: "n1" },
    clock: systemClock,
    random: systemRandom(),
    exit(code) {
      exits.push(code);
      // It ends the process; here the test goes on.
      return undefined as never;
    },
  });
  return exits;
}

test("a container starts its processes, again when they die, hands on what instances print, and reports each end", async () => {
  await using folder = await createJobFolder({ environment: { WORD: "hello" } });
  const { packets, connections, server } = await startScheduler(folder);
  const exits = await startContainer(
    folder,
    'echo "$0 $*" $WORD $PLACE; pwd; echo oh >&2; [ $0 = instance ] && exit 7; kill -9 $$',
  );
  await until(() => packets.filter((body) => body.case === "processExited").length === 9);
  const started = packets.flatMap((body) =>
    body.case === "processStarted" ? [body.value.party?.id] : []
  );
  expect(started.slice(0, 3)).toEqual(["stmgr-1", SPOUT, "container-1"]);
  expect(started.length).toBe(10);
  const output = packets.flatMap((body) => body.case === "output" ? [body.value] : []);
  const linesOf = (stream: number) =>
    output.flatMap((one) => one.stream === stream ? one.lines : []);
  // Its processes live in the epoch of this container, not in that of the scheduler.
  const lives = [1, 2, 3];
  expect(linesOf(0)).toEqual(
    lives.flatMap((counter) => [
      `instance --job ${folder.jobFile} --container 1 --task 1 --component s --index 0 --incarnation 7.${counter} hello n1`,
      tmpdir(),
    ]),
  );
  expect(linesOf(1)).toEqual(["oh", "oh", "oh"]);
  expect(output[0]).toMatchObject({ component: "s", task: 1, componentIndex: 0 });
  const ends = packets.flatMap((body) => {
    if (body.case !== "processExited") return [];
    const { party, exitCode, signal, restarts } = body.value;
    const { epoch, counter } = party?.incarnation ?? {};
    return [`${party?.id} ${epoch}.${counter}: ${exitCode} ${signal} ${restarts}`];
  });
  expect(ends.toSorted()).toEqual([
    ...lives.map((counter) => `${SPOUT} 7.${counter}: 7  ${counter < 3}`),
    ...lives.map((counter) => `metricsmgr-1 7.${counter}: 0 SIGKILL ${counter < 3}`),
    ...lives.map((counter) => `stmgr-1 7.${counter}: 0 SIGKILL ${counter < 3}`),
  ]);
  const log = await Bun.file(join(folder.path, "logs", "stmgr-1.log")).text();
  expect(log.split("\n").slice(1, 3)).toEqual([folder.path, "oh"]);
  connections[0]?.send({ body: { case: "stop", value: { reason: "enough" } } });
  await until(() => exits.length > 0);
  expect(exits).toEqual([0]);
  await server.close();
});

test("a container that loses its scheduler kills its processes and ends with 5", async () => {
  await using folder = await createJobFolder();
  const { packets, server } = await startScheduler(folder);
  const exits = await startContainer(folder, "sleep 100");
  await until(() => packets.filter((body) => body.case === "processStarted").length === 3);
  const pids = packets.flatMap((body) => body.case === "processStarted" ? [body.value.pid] : []);
  await server.close();
  await until(() => exits.length > 0);
  // Later ones come as the test goes on after it.
  expect(exits[0]).toBe(5);
  const children = pids.filter((pid) => pid !== process.pid);
  expect(children.length).toBe(2);
  await until(() => children.every((pid) => !isThere(pid)));
  await until(() => exits.length === 2);
});

test("a container without a scheduler does not start", async () => {
  await using folder = await createJobFolder();
  const error = await startContainer(folder, "sleep 100").catch((thrown: unknown) => thrown);
  expect(HeronError.from(error).message).toContain("Connect to scheduler scheduler");
});

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // There is no such process.
    return false;
  }
}
