import { expect, test } from "bun:test";
import { TopologyBuilder } from "../../api/mod.ts";
import { ackAll, boltOf, FOLLOWED, Line, Numbers } from "../../../tests/support/acked_line.ts";

test("A spout's end is refused where a cycle is fed at two places", () => {
  const builder = new TopologyBuilder("cycle");
  builder.setSpout("s", new Numbers(1));
  builder.setSpout("t", new Numbers(1));
  builder.setBolt("a", boltOf(ackAll)).shuffleGrouping("s").shuffleGrouping("b");
  builder.setBolt("b", boltOf(ackAll)).shuffleGrouping("t").shuffleGrouping("a");
  const topology = builder.createTopology(FOLLOWED);
  expect(() => new Line(topology).run()).toThrow(
    'End the input of spout "s": found the cycle a → b → a behind it, ' +
      "which is fed from outside at more than one component",
  );
});
