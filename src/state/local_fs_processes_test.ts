import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "./conformance.ts";
import { openLocalFs } from "./local_fs.ts";
import { put } from "./put.ts";
import type { StateManager } from "./state_manager.ts";

const PROCESSES = 4;
const ROUNDS = 50;
/** Each write waits for the disk, which may take tens of milliseconds. */
const TEST_MS = 120_000;

function makeRoot() {
  const root = mkdtempSync(join(tmpdir(), "heron-state-"));
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

/** Runs `script` in another process; it finds the tree's manager in `state` and prints lines. */
function start(root: string, script: string) {
  const head = `
    import { openLocalFs } from ${JSON.stringify(join(import.meta.dir, "local_fs.ts"))};
    import { RootLock } from ${JSON.stringify(join(import.meta.dir, "local_fs/root_lock.ts"))};
    import { systemClock, systemRandom } from ${
    JSON.stringify(join(import.meta.dir, "../base/mod.ts"))
  };
    const root = ${JSON.stringify(root)};
    const state = await openLocalFs({ root });
    const encode = (text) => new TextEncoder().encode(text);
    const decode = (value) => new TextDecoder().decode(value.bytes);
  `;
  const child = Bun.spawn([process.execPath, "-e", head + script], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const reader = child.stdout.getReader();
  let text = "";
  const readUntil = async (wanted: string) => {
    while (!text.includes(wanted)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`"${wanted}" was never printed, but "${text}"`);
      text += new TextDecoder().decode(value);
    }
  };
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    if (signal === "SIGKILL") await child.exited;
  };
  return { child, readUntil, kill, [Symbol.asyncDispose]: () => kill("SIGKILL") };
}

const INCREMENT = `
  for (let round = 0; round < ${ROUNDS}; ) {
    const value = await state.get("a/count");
    try {
      await state.set("a/count", encode(String(Number(decode(value)) + 1)), value.version);
      round++;
      if (round === 3) console.log("begun");
    } catch (error) {
      if (error.code !== "version_conflict") throw error;
    }
  }
  await state.close();
`;

/** Holds the root's lock for ever. */
const HOLD = `
  const file = root + "/heron-bin/.lock";
  const lock = new RootLock({ file, clock: systemClock, random: systemRandom(), waitMs: 5000 });
  await lock.hold(() => {
    require("node:fs").writeSync(1, "held");
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  });
`;

async function textIn(state: StateManager, path: string): Promise<string> {
  return new TextDecoder().decode((await state.get(path))?.bytes);
}

test(
  "set() of several processes counts each increment once, one of them killed midway",
  async () => {
    using tree = makeRoot();
    await using state = await openLocalFs({ root: tree.root });
    await state.create("a/count", new TextEncoder().encode("0"));
    const writers = Array.from({ length: PROCESSES }, () => start(tree.root, INCREMENT));
    await using victim = start(tree.root, INCREMENT.replace(`< ${ROUNDS}`, "< Infinity"));
    await victim.readUntil("begun");
    await victim.kill("SIGKILL");
    for (const { child } of writers) expect(await child.exited).toBe(0);
    // The victim counted at least three times, and whatever it counted last is whole.
    expect(Number(await textIn(state, "a/count"))).toBeGreaterThanOrEqual(PROCESSES * ROUNDS + 3);
  },
  TEST_MS,
);

test("set() of four processes comes to exactly their sum", async () => {
  using tree = makeRoot();
  await using state = await openLocalFs({ root: tree.root });
  await state.create("a/count", new TextEncoder().encode("0"));
  const writers = Array.from({ length: PROCESSES }, () => start(tree.root, INCREMENT));
  for (const { child } of writers) expect(await child.exited).toBe(0);
  expect(await textIn(state, "a/count")).toBe(String(PROCESSES * ROUNDS));
}, TEST_MS);

test("a process that is killed while it holds the lock holds it no longer", async () => {
  using tree = makeRoot();
  await using state = await openLocalFs({ root: tree.root });
  await using holder = start(tree.root, HOLD);
  await holder.readUntil("held");
  let isMade = false;
  const making = state.create("a/b", Uint8Array.of(1)).then(() => isMade = true);
  await Bun.sleep(50);
  expect([isMade, await state.get("a/b")]).toEqual([false, undefined]);
  await holder.kill("SIGKILL");
  await making;
  expect((await state.get("a/b"))?.bytes).toEqual(Uint8Array.of(1));
}, TEST_MS);

test("while the lock's holder is stopped, writers give up in time and readers go on", async () => {
  using tree = makeRoot();
  await using state = await openLocalFs({ root: tree.root, lockWaitMs: 100 });
  await state.create("a/b", Uint8Array.of(1));
  await using holder = start(tree.root, HOLD);
  await holder.readUntil("held");
  await holder.kill("SIGSTOP");
  await expect(state.set("a/b", Uint8Array.of(2), "any")).rejects.toThrow("found another process");
  expect((await state.get("a/b"))?.bytes).toEqual(Uint8Array.of(1));
  await holder.kill("SIGKILL");
  await state.set("a/b", Uint8Array.of(3), "any");
  expect(readdirSync(join(tree.root, "heron-bin/.tmp"))).toEqual([]);
}, TEST_MS);

test(
  "of a process that is killed in a write nothing is left once its killer closes the store",
  async () => {
    using tree = makeRoot();
    const state = await openLocalFs({ root: tree.root });
    await state.create("a/b", Uint8Array.of(1));
    await using holder = start(tree.root, HOLD);
    await holder.readUntil("held");
    await using writer = start(tree.root, 'await state.set("a/b", encode("2"), "any");');
    const temporaries = () => readdirSync(join(tree.root, "heron-bin/.tmp")).length;
    await until(() => temporaries() === 1);
    await writer.kill("SIGKILL");
    expect(temporaries()).toBe(1);
    await state.close();
    expect(temporaries()).toBe(0);
  },
  TEST_MS,
);

test("a process that is killed amid writes leaves a whole value, old or new", async () => {
  using tree = makeRoot();
  await using state = await openLocalFs({ root: tree.root });
  await put(state, "a/b", new Uint8Array(1_000_000));
  for (let round = 0; round < 3; round++) {
    await using writer = start(
      tree.root,
      `for (let byte = 1; ; byte++) {
         await state.set("a/b", new Uint8Array(1_000_000).fill(byte), "any");
         if (byte === ${round + 2}) console.log("begun");
       }`,
    );
    await writer.readUntil("begun");
    await writer.kill("SIGKILL");
    const bytes = (await state.get("a/b"))?.bytes ?? new Uint8Array();
    expect(bytes.length).toBe(1_000_000);
    expect(bytes.every((byte) => byte === bytes[0])).toBe(true);
    expect(await state.list("a")).toEqual(["b"]);
  }
}, TEST_MS);

test("watch() tells what other processes write", async () => {
  using tree = makeRoot();
  await using state = await openLocalFs({ root: tree.root, pollMs: 60_000 });
  const told: (string | undefined)[] = [];
  const seen = Promise.withResolvers<void>();
  using watch = await state.watch("tmanagers/t", (value) => {
    told.push(value === undefined ? undefined : new TextDecoder().decode(value.bytes));
    if (told.length > 2 && value === undefined) seen.resolve();
  });
  await using writer = start(
    tree.root,
    `await state.create("tmanagers/t", encode("1"));
     while (await state.get("seen/t") === undefined) await Bun.sleep(1);
     await state.delete("tmanagers/t", "any");
     await state.close();`,
  );
  // A watch tells what is there when it looks: what came and went before that, it may pass over.
  await until(() => told.includes("1"));
  await state.create("seen/t", Uint8Array.of(1));
  await writer.child.exited;
  await seen.promise;
  expect(told).toEqual([undefined, "1", undefined]);
  watch.close();
}, TEST_MS);
