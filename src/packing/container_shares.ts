/**
 * How one container's memory or cores are shared among its instances, by
 * Heron's rules: named components get what they ask for, the others equal
 * parts of what is left.
 */

import { HeronError } from "../base/mod.ts";
import { INSTANCE_DEFAULT, type PackingRequest } from "./resource_request.ts";

/** Sums of cores are not exact: 0.1 + 0.2 fits into 0.3. */
const TOLERANCE = 1e-9;

/** What is shared, and among how many. */
export interface SharingRules {
  readonly resource: "cpu" | "ram";
  readonly request: PackingRequest;
  /** Instances of the largest container. */
  readonly largest: number;
}

/** What each instance of a container gets, and the container in all. */
export interface Shares {
  /** In the order of the instances. */
  readonly instances: readonly number[];
  readonly container: number;
}

/**
 * Shares the resource of one container among instances of `components`, one entry an instance.
 * @throws HeronError "invalid_topology" when there is not enough
 */
export function shareContainer(components: readonly string[], rules: SharingRules): Shares {
  const { resource, request } = rules;
  const { byComponent, container: asked, padding } = request[resource];
  const named = components.map((component) => byComponent.get(component));
  const used = named.reduce<number>((sum, share) => sum + (share ?? 0), 0);
  if (asked !== undefined && used > asked + TOLERANCE) {
    throw notEnough(
      resource,
      `components with a share of their own take ${used} of a container's ${asked}`,
    );
  }
  // When the padding does not fit beside them, it is given up rather than the topology.
  const kept = asked !== undefined && used > asked - padding + TOLERANCE ? 0 : padding;
  const capacity = asked ?? defaultCapacity(rules);
  const open = named.filter((share) => share === undefined).length;
  const left = capacity - kept - used;
  if (open > 0 && left <= TOLERANCE) {
    throw notEnough(
      resource,
      `${capacity} of a container less ${kept} kept and ${used} for components with a share of ` +
        `their own leaves ${left} for ${open} instances without one`,
    );
  }
  const part = resource === "ram" ? Math.floor(left / open) : left / open;
  const instances = named.map((share) => share ?? part);
  const sum = instances.reduce((total, share) => total + share, 0) + padding;
  if (asked === undefined) return { instances, container: sum };
  return { instances, container: resource === "cpu" ? asked : Math.min(sum, asked) };
}

function defaultCapacity({ resource, request, largest }: SharingRules): number {
  const capacity = INSTANCE_DEFAULT[resource] * largest + request[resource].padding;
  return resource === "cpu" ? Math.round(capacity) : capacity;
}

function notEnough(resource: "cpu" | "ram", found: string): HeronError {
  const unit = resource === "cpu" ? "cores" : "bytes of memory";
  return new HeronError(
    "invalid_topology",
    `Share ${unit} among instances: ${found}, expected more for containers ` +
      `("topology.container.${resource}") or less for components ("topology.component.${resource}map")`,
  );
}
