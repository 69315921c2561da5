import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { PackingPlanSchema } from "../../base/gen/heron/packing_plan_pb.ts";
import { topologyFacts } from "./topology_facts.ts";

test("topologyFacts() are those of the definition and of the packing plan", () => {
  const component = { config: {}, outputs: [], inputs: [] };
  const definition = {
    name: "words",
    config: { "topology.reliability.mode": "ATLEAST_ONCE" },
    components: [
      { ...component, name: "word", kind: "spout", parallelism: 2 } as const,
      { ...component, name: "count", kind: "bolt", parallelism: 1 } as const,
    ],
  };
  const resource = { cpu: 1, ram: 1n, disk: 1n };
  const plan = create(PackingPlanSchema, {
    id: "words-1",
    containerPlans: [{
      id: 1,
      requiredResource: resource,
      instancePlans: [{ componentName: "word", taskId: 1, componentIndex: 0, resource }],
    }],
  });
  const facts = topologyFacts(definition, plan, "/folder");
  expect(facts).toMatchObject({
    name: "words",
    mode: "at least once",
    components: [
      { name: "word", kind: "spout", tasks: 2 },
      { name: "count", kind: "bolt", tasks: 1 },
    ],
    containers: 1,
    topologyFolder: "/folder",
  });
  expect([...facts.tasks.keys()]).toEqual(["container_1_word_1"]);
});
