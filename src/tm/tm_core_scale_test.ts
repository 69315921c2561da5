import { expect, test } from "bun:test";
import {
  type LargeCluster,
  openLarge,
  packLarge,
  registerAll,
  registrationOf,
} from "../../tests/support/large_cluster.ts";

const CONTAINERS = 200;
const TASKS = 2000;
const PACKED = packLarge(CONTAINERS, TASKS);

/** The different frames that were sent to all links, and how often. */
function framesOf({ links }: LargeCluster): { different: number; sent: number } {
  const frames = links.flatMap((link) => link.frames);
  return { different: new Set(frames).size, sent: frames.length };
}

test("TmCore makes one plan of all registrations, encodes it once and sends each link one frame", () => {
  const cluster = openLarge(PACKED);
  registerAll(cluster);
  expect(cluster.plans.length).toBe(1);
  expect(framesOf(cluster)).toEqual({ different: 1, sent: CONTAINERS });
  // Nothing else was sent, and a task costs no more than it did when this was written.
  expect(cluster.links.every(({ packets }) => packets === 0)).toBe(true);
  const bytes = cluster.links[0]?.frames[0]?.length ?? 0;
  expect(bytes / TASKS).toBeLessThan(100);
});

test("TmCore sends a changed plan as one frame more, and what changed meanwhile together", () => {
  const cluster = openLarge(PACKED);
  registerAll(cluster);
  const { core, links, plans } = cluster;
  for (const [index, link] of links.entries()) {
    // All are at other ports: while the first of these plans is stored the others are waited for.
    core.registerStmgr(link, registrationOf(PACKED, index, 8000));
  }
  expect(plans.length).toBe(2);
  core.planStored();
  core.planStored();
  expect(plans.length).toBe(3);
  expect(framesOf(cluster)).toEqual({ different: 3, sent: 3 * CONTAINERS });
});

test("TmCore after a restart encodes the stored plan once, and sends it once to each link", () => {
  const before = openLarge(PACKED);
  registerAll(before);
  const cluster = openLarge(PACKED, before.plans[0]);
  cluster.core.start();
  registerAll(cluster);
  registerAll(cluster);
  expect(cluster.plans).toEqual([]);
  expect(framesOf(cluster)).toEqual({ different: 1, sent: CONTAINERS });
});

/** How often a map is gone through while `run` runs. */
function walksDuring(run: () => void): number {
  const { entries, forEach, keys, values, [Symbol.iterator]: iterator } = Map.prototype;
  const originals = { entries, forEach, keys, values, [Symbol.iterator]: iterator };
  let walks = 0;
  for (const name of Reflect.ownKeys(originals)) {
    const original = Reflect.get(Map.prototype, name);
    Reflect.set(Map.prototype, name, function (this: unknown, ...args: unknown[]) {
      walks++;
      return Reflect.apply(original, this, args);
    });
  }
  try {
    run();
  } finally {
    Object.assign(Map.prototype, originals);
  }
  return walks;
}

test("TmCore.heartbeat() goes through nothing, however many stream managers there are", () => {
  const cluster = openLarge(PACKED);
  registerAll(cluster);
  const { core, links } = cluster;
  expect(walksDuring(() => new Map([[1, 1]]).forEach(() => {}))).toBeGreaterThan(0);
  const answers: (string | undefined)[] = [];
  expect(walksDuring(() => {
    for (const link of links) answers.push(core.heartbeat(link));
  })).toBe(0);
  expect(answers).toEqual(links.map(() => undefined));
});

test("TmCore.linkClosed() takes one link out, and goes through none", () => {
  const cluster = openLarge(PACKED);
  registerAll(cluster);
  const { core, links } = cluster;
  expect(walksDuring(() => {
    for (const link of links) core.linkClosed(link);
  })).toBeLessThanOrEqual(links.length);
  expect(links.map((link) => core.heartbeat(link)?.includes("Unknown")))
    .toEqual(links.map(() => true));
});
