import { expect, test } from "bun:test";
import { seededRandom } from "../base/mod.ts";
import { stronglyConnected } from "./strong_components.ts";

function componentsOf(edges: Readonly<Record<string, readonly string[]>>) {
  return stronglyConnected(Object.keys(edges), (node) => edges[node] ?? []);
}

test("stronglyConnected() gives nodes of a cycle one number, and counts against the edges", () => {
  const found = componentsOf({ a: ["b"], b: ["c"], c: ["b", "d"], d: ["d"], e: [] });
  expect([...found]).toEqual([["d", 0], ["b", 1], ["c", 1], ["a", 2], ["e", 3]]);
});

test("stronglyConnected() equals mutual reachability on random graphs", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed);
    const nodes = Array.from({ length: 1 + random.below(9) }, (_, index) => String(index));
    const edges = Object.fromEntries(
      nodes.map((node) => [node, nodes.filter(() => random.below(6) === 0)]),
    );
    const found = componentsOf(edges);
    for (const a of nodes) {
      for (const b of nodes) {
        const isMutual = a === b || (reaches(edges, a, b) && reaches(edges, b, a));
        expect(found.get(a) === found.get(b), `seed ${seed}: ${a}, ${b}`).toBe(isMutual);
        if (isMutual || !edges[a]?.includes(b)) continue;
        expect(found.get(a) ?? 0, `seed ${seed}: ${a} to ${b}`).toBeGreaterThan(found.get(b) ?? 0);
      }
    }
  }
});

function reaches(edges: Readonly<Record<string, string[]>>, from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const node of seen) {
    for (const target of edges[node] ?? []) seen.add(target);
  }
  return seen.has(to);
}

test("stronglyConnected() walks a chain of 100,000 nodes, closed to a ring or not", () => {
  const length = 100_000;
  const nodes = Array.from({ length }, (_, index) => String(index));
  const next = (node: string): string[] => [String((Number(node) + 1) % length)];
  expect(new Set(stronglyConnected(nodes, next).values()).size).toBe(1);
  const open = stronglyConnected(nodes, (node) => (Number(node) + 1 < length ? next(node) : []));
  expect(open.get("0")).toBe(length - 1);
});
