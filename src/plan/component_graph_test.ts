import { expect, test } from "bun:test";
import { drawTopology, randomTopology } from "../../tests/support/definitions.ts";
import { seededRandom } from "../base/mod.ts";
import { ComponentGraph } from "./component_graph.ts";

function draw(edges: string): ComponentGraph {
  return new ComponentGraph(drawTopology(edges));
}

test("ComponentGraph knows neighbours, leaves and reach", () => {
  const graph = draw("s a, s b, a c, b c, a b");
  expect(graph.sourcesOf("c")).toEqual(["a", "b"]);
  expect(graph.targetsOf("a")).toEqual(["b", "c"]);
  expect(graph.leaves).toEqual(["c"]);
  expect(graph.canReach("s", "c")).toBe(true);
  expect(graph.canReach("c", "s")).toBe(false);
  expect(graph.canReach("s", "s")).toBe(false);
  expect(graph.isCyclic).toBe(false);
  expect(graph.cycleReachedFrom("s")).toBeUndefined();
});

test("ComponentGraph names a component once that feeds another by several streams", () => {
  const graph = draw("s a, s a");
  expect(graph.sourcesOf("a")).toEqual(["s"]);
  expect(graph.targetsOf("s")).toEqual(["a"]);
});

test("cycleReachedFrom() finds a shortest cycle, and none that lies behind", () => {
  const graph = draw("s a, a b, b c, c a, b a, t d");
  expect(graph.isCyclic).toBe(true);
  expect(graph.cycleReachedFrom("s")).toEqual(["a", "b", "a"]);
  expect(graph.cycleReachedFrom("c")).toEqual(["a", "b", "a"]);
  expect(graph.cycleReachedFrom("t")).toBeUndefined();
  expect(draw("s a, a a").cycleReachedFrom("s")).toEqual(["a", "a"]);
  expect(draw("s a, a a").leaves).toEqual(["a"]);
  expect(draw("s a, a b, b c, c a").cycleReachedFrom("s")).toEqual(["a", "b", "c", "a"]);
});

test("cycleFedTwiceFrom() finds a cycle with two ways in, and no other", () => {
  const graph = draw("s a, a b, b a, t b, b c");
  expect(graph.cycleFedTwiceFrom("s")).toEqual(["a", "b", "a"]);
  expect(graph.cycleFedTwiceFrom("t")).toEqual(["a", "b", "a"]);
  expect(graph.cycleFedTwiceFrom("b")).toEqual(["a", "b", "a"]);
  expect(draw("s a, a b, b a, t a").cycleFedTwiceFrom("t")).toBeUndefined();
  expect(draw("s a, a b, b a, b c").cycleFedTwiceFrom("s")).toBeUndefined();
});

test("cycleReachedFrom() takes no time where cycles are many", () => {
  const names = Array.from({ length: 30 }, (_, index) => `b${index}`);
  const edges = names.flatMap((a) => names.filter((b) => a !== b).map((b) => `${a} ${b}`));
  const ring = names.map((name, index) => `${name}r x${index}, x${index} ${name}r`);
  const graph = draw(["s b0", ...edges, ...ring].join(", "));
  expect(graph.cycleReachedFrom("s")?.length).toBe(3);
});

test("alignmentSourcesOf() leaves out edges inside a cycle", () => {
  const graph = draw("s a, a b, b a, b c");
  expect(graph.alignmentSourcesOf("a")).toEqual(["s"]);
  expect(graph.alignmentSourcesOf("c")).toEqual(["b"]);
  expect(draw("s a, a a").alignmentSourcesOf("a")).toEqual(["s"]);
});

test("alignmentSourcesOf() has a component inside a cycle wait for those nearer to a spout", () => {
  const graph = draw("s a, a b, b a, b d, d b");
  expect(graph.alignmentSourcesOf("b")).toEqual(["a"]);
  expect(graph.alignmentSourcesOf("d")).toEqual(["b"]);
});

test("alignmentSourcesOf() lets markers of the spouts come to all that is fed, without a circle", () => {
  for (let seed = 1; seed <= 300; seed++) {
    const definition = randomTopology(seededRandom(seed));
    const graph = new ComponentGraph(definition);
    const spouts = definition.components.filter(({ kind }) => kind === "spout");
    const passed = new Set(spouts.map(({ name }) => name));
    const fed = definition.components.map(({ name }) => name)
      .filter((name) => passed.has(name) || spouts.some((one) => graph.canReach(one.name, name)));
    for (let before = -1; before < passed.size;) {
      before = passed.size;
      for (const name of fed) {
        const awaited = graph.alignmentSourcesOf(name).filter((source) => fed.includes(source));
        if (awaited.every((source) => passed.has(source))) passed.add(name);
      }
    }
    expect(passed.size, `seed ${seed}`).toBe(fed.length);
  }
});
