import { expect, test } from "bun:test";
import { join } from "node:path";
import { afterTurnEnd, onTurnEnd } from "./turn.ts";

function nextTurn(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  setImmediate(() => setImmediate(resolve));
  return promise;
}

test("onTurnEnd() runs behind microtasks, afterTurnEnd() behind all that collects", async () => {
  const ran: string[] = [];
  afterTurnEnd(() => ran.push("write"));
  onTurnEnd(() => {
    ran.push("collect");
    onTurnEnd(() => ran.push("collect more"));
    afterTurnEnd(() => ran.push("write more"));
  });
  queueMicrotask(() => ran.push("microtask"));
  await nextTurn();
  expect(ran).toEqual(["microtask", "collect", "collect more", "write", "write more"]);
});

/** Run in a process of its own: a test ends with what is thrown behind its back. */
const THROWING = `
  const { afterTurnEnd, onTurnEnd } = await import(process.argv[1]);
  const ran = [];
  process.on("uncaughtException", ({ message }) => ran.push(message));
  onTurnEnd(() => ran.push("first"));
  onTurnEnd(() => {
    throw new Error("thrown");
  });
  onTurnEnd(() => ran.push("second"));
  afterTurnEnd(() => ran.push("write"));
  await Bun.sleep(5);
  onTurnEnd(() => {
    onTurnEnd(() => ran.push("collect"));
    afterTurnEnd(() => ran.push("last"));
  });
  await Bun.sleep(5);
  console.log(ran.join(" "));
`;

test("onTurnEnd() runs what came behind one that throws, each once, and goes on as before", () => {
  const { stdout, stderr } = Bun.spawnSync([
    process.execPath,
    "-e",
    THROWING,
    join(import.meta.dir, "turn.ts"),
  ]);
  expect(stderr.toString()).toBe("");
  expect(stdout.toString()).toBe("first thrown second write collect last\n");
});

test("onTurnEnd() lets other events through when its work keeps making work", async () => {
  let runs = 0;
  let stop = false;
  function again(): void {
    runs++;
    if (!stop) onTurnEnd(again);
  }
  onTurnEnd(again);
  await nextTurn();
  expect(runs).toBeGreaterThan(8);
  stop = true;
  await nextTurn();
  const after = runs;
  await nextTurn();
  expect(runs).toBe(after);
});

test("onTurnEnd() runs once per turn end for the data of several sockets", async () => {
  let turns = 0;
  let chunks = 0;
  const done = Promise.withResolvers<void>();
  let scheduled = false;
  using server = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      data() {
        chunks++;
        if (scheduled) return;
        scheduled = true;
        onTurnEnd(() => {
          scheduled = false;
          turns++;
          if (chunks === 8) done.resolve();
        });
      },
    },
  });
  const { port } = server;
  const clients = await Promise.all(
    Array.from(
      { length: 8 },
      () => Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } }),
    ),
  );
  // Give the server its `open`s first, then let all bytes lie there before the next poll.
  await nextTurn();
  await nextTurn();
  for (const client of clients) client.write("x");
  await done.promise;
  expect(turns).toBeLessThan(chunks);
  for (const client of clients) client.end();
});
