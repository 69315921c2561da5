import { expect, test } from "bun:test";
import { TopologyBuilder } from "../api/mod.ts";
import { pack } from "../../tests/support/plans.ts";
import { formatPlan, planReport, planToDot } from "./plan_report.ts";

function reportOf() {
  const builder = new TopologyBuilder('a "word" count');
  builder.setSpout("sentences", {
    nextTuple() {},
    declareOutputFields(to) {
      to.declare(["sentence"]);
      to.declareStream("broken", true, ["text", "reason"]);
    },
  });
  builder.setBolt("count", { execute() {} }, 2)
    .fieldsGrouping("sentences", ["sentence"])
    .localOrShuffleGrouping("sentences")
    .partialKeyGrouping("sentences", ["sentence"])
    .allGrouping("sentences", "broken");
  const { definition } = builder.createTopology({ "topology.stmgrs": 2 });
  return planReport(definition, pack(definition).packingPlan);
}

test("formatPlan() tells components with their streams, and containers with what they ask for", () => {
  expect(formatPlan(reportOf())).toBe(`topology a "word" count: 2 components, 3 tasks, 2 containers

  spout sentences × 1
    emits default (sentence)
    emits broken (text, reason), direct
  bolt count × 2
    reads sentences by fields (sentence)
    reads sentences by local or shuffle
    reads sentences by partial key (sentence)
    reads sentences/broken by all

  container 1: sentences[0] count[1]
    3 CPU, 4 GiB RAM, 14 GiB disk
  container 2: count[0]
    3 CPU, 4 GiB RAM, 14 GiB disk

  all containers: 6 CPU, 8 GiB RAM, 28 GiB disk
`);
});

test("planToDot() draws components and groupings", () => {
  expect(planToDot(reportOf())).toBe(`digraph "a \\"word\\" count" {
  rankdir=LR;
  "sentences" [shape=cds, label="sentences × 1"];
  "count" [shape=box, label="count × 2"];
  "sentences" -> "count" [label="fields (sentence)"];
  "sentences" -> "count" [label="local or shuffle"];
  "sentences" -> "count" [label="partial key (sentence)"];
  "sentences" -> "count" [label="broken: all"];
}
`);
});

test("planReport() is data that JSON can hold", () => {
  const report = reportOf();
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(report.containers.map(({ container, tasks }) => [container, tasks.length])).toEqual([
    [1, 2],
    [2, 1],
  ]);
});
