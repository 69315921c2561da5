import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../base/mod.ts";
import { connect, type Server } from "../base/wire/mod.ts";
import { clientOptions, HandlerLog, serverOptions, until } from "../../tests/support/wire.ts";
import { listenInPlace } from "./own_socket.ts";

let folder = "";
let path = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "own-socket-"));
  path = join(folder, "stmgr-1.sock");
});

afterEach(() => rm(folder, { recursive: true }));

function open(handlers: HandlerLog): Promise<Server> {
  return listenInPlace(path, serverOptions(systemClock, handlers));
}

async function isHeardBy(log: HandlerLog): Promise<boolean> {
  const before = log.connections.length;
  const options = clientOptions(0, systemClock, new HandlerLog());
  const connection = await connect({ ...options, address: { unix: path } });
  await until(() => connection.queuedBytes === 0);
  connection.close();
  return log.connections.length > before;
}

test("listenInPlace() takes the path of one that died, and of one that still listens", async () => {
  const [first, second, third] = [new HandlerLog(), new HandlerLog(), new HandlerLog()];
  const older = await open(first);
  expect(await isHeardBy(first)).toBe(true);
  const newer = await open(second);
  expect(await isHeardBy(second)).toBe(true);
  // It ends late: the path is not its own any more.
  await older.close();
  expect(await isHeardBy(second)).toBe(true);
  await newer.close();
  // As after a death, the file is there and nobody listens.
  expect(await readdir(folder)).toEqual(["stmgr-1.sock"]);
  const last = await open(third);
  expect(await isHeardBy(third)).toBe(true);
  await last.close();
});

test("listenInPlace() goes on when an earlier start died half way", async () => {
  const log = new HandlerLog();
  const file = join(folder, "dies.ts");
  await Bun.write(
    file,
    `Bun.listen({ unix: ${JSON.stringify(`${path}.new`)}, socket: { data() {} } });
process.kill(process.pid, "SIGKILL");`,
  );
  await Bun.spawn([process.execPath, file]).exited;
  expect(await readdir(folder)).toContain("stmgr-1.sock.new");
  const server = await open(log);
  expect(await isHeardBy(log)).toBe(true);
  await server.close();
});

test("listenInPlace() says which path it cannot use", async () => {
  path = join(folder, "none", "stmgr-1.sock");
  await expect(open(new HandlerLog())).rejects.toThrow(path);
});
