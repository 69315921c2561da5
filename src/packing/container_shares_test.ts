import { expect, test } from "bun:test";
import { drawTopology } from "../../tests/support/definitions.ts";
import type { ConfigMap } from "../api/mod.ts";
import { shareContainer } from "./container_shares.ts";
import { readPackingRequest } from "./resource_request.ts";

const GIB = 1024 ** 3;

function share(resource: "cpu" | "ram", config: ConfigMap, largest = 2) {
  const request = readPackingRequest(drawTopology("s b", { config }));
  return shareContainer(["s", "b"], { resource, request, largest });
}

test("shareContainer() shares what is left among instances without a share of their own", () => {
  expect(share("ram", { "topology.container.ram": 6 * GIB }))
    .toEqual({ instances: [2 * GIB, 2 * GIB], container: 6 * GIB });
  expect(
    share("ram", { "topology.container.ram": 6 * GIB, "topology.component.rammap": `b:${GIB}` }),
  )
    .toEqual({ instances: [3 * GIB, GIB], container: 6 * GIB });
  expect(share("cpu", { "topology.container.cpu": 5, "topology.component.cpumap": "b:0.5" }))
    .toEqual({ instances: [3.5, 0.5], container: 5 });
});

test("shareContainer() keeps whole bytes", () => {
  expect(share("ram", { "topology.container.ram": 6 * GIB + 1 }))
    .toEqual({ instances: [2 * GIB, 2 * GIB], container: 6 * GIB });
});

test("shareContainer() takes the defaults of the largest container", () => {
  expect(share("ram", {}, 4)).toEqual({ instances: [2 * GIB, 2 * GIB], container: 6 * GIB });
  expect(share("cpu", {}, 4)).toEqual({ instances: [2, 2], container: 5 });
});

test("shareContainer() caps the memory, and gives all cores that were asked for", () => {
  const both = { "topology.component.rammap": `s:${GIB},b:${GIB}` };
  expect(share("ram", { ...both, "topology.container.ram": 8 * GIB }).container).toBe(4 * GIB);
  expect(share("ram", { ...both, "topology.container.ram": 3 * GIB }).container).toBe(3 * GIB);
  const cores = { "topology.component.cpumap": "s:1,b:1", "topology.container.cpu": 8 };
  expect(share("cpu", cores).container).toBe(8);
});

test("shareContainer() gives up the padding before it gives up the topology", () => {
  const tight = { "topology.container.ram": 3 * GIB, "topology.component.rammap": `b:${2 * GIB}` };
  expect(share("ram", tight)).toEqual({ instances: [GIB, 2 * GIB], container: 3 * GIB });
});

test("shareContainer() is not misled by sums of fractions", () => {
  const cores = { "topology.component.cpumap": "s:0.1,b:0.2", "topology.container.cpu": 0.3 };
  expect(share("cpu", cores).container).toBe(0.3);
});

test("shareContainer() refuses when components take more than a container has", () => {
  const config = { "topology.container.ram": GIB, "topology.component.rammap": `b:${2 * GIB}` };
  expect(() => share("ram", config)).toThrow(
    "Share bytes of memory among instances: components with a share of their own take 2147483648 of " +
      'a container\'s 1073741824, expected more for containers ("topology.container.ram")',
  );
});

test("shareContainer() refuses when nothing is left for the others", () => {
  expect(() => share("cpu", { "topology.container.cpu": 1 }))
    .toThrow("leaves 0 for 2 instances without one");
  expect(() => share("ram", { "topology.component.rammap": `b:${4 * GIB}` }))
    .toThrow("leaves -2147483648 for 1 instances without one");
});
