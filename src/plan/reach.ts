/**
 * Which address of this machine others reach it by: that of a named interface, or the one within a
 * network. Reads what the system says of its interfaces; which of both is asked is the job's.
 */

import { BlockList, isIP } from "node:net";
import { HeronError } from "../base/mod.ts";

/** An address of an interface, as `os.networkInterfaces()` has it. */
export interface InterfaceAddress {
  readonly address: string;
  readonly family: string;
  readonly internal: boolean;
}

/** All interfaces by their names. */
export type Interfaces = Readonly<Record<string, readonly InterfaceAddress[] | undefined>>;

/** How the address of a machine is chosen; of several the first, IPv4 before IPv6. */
export type Reach =
  | { readonly type: "interface"; readonly name: string }
  | { readonly type: "network"; readonly cidr: string };

/**
 * The address that `reach` chooses.
 * @throws HeronError `invalid_config` when there is none, naming those that there are
 */
export function addressOf(reach: Reach, interfaces: Interfaces): string {
  const all = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses.map((one) => ({ ...one, name }))
  );
  const isChosen = reach.type === "interface"
    ? ({ name }: { readonly name: string }) => name === reach.name
    : withinNetwork(reach.cidr);
  // An IPv6 address of the link alone means nothing to others.
  const found = all.filter((one) => isChosen(one) && !/^fe80:/i.test(one.address));
  const chosen = found.find(({ family }) => family === "IPv4") ?? found[0];
  if (chosen !== undefined) return chosen.address;
  const wanted = reach.type === "interface"
    ? `interface "${reach.name}"`
    : `network "${reach.cidr}"`;
  const there = all.map(({ name, address }) => `${name} ${address}`).join(", ");
  throw new HeronError(
    "invalid_config",
    `Find the address of this machine in ${wanted}: found ${there}, expected one of them in it`,
  );
}

function withinNetwork(cidr: string): (one: InterfaceAddress) => boolean {
  const [network = "", bits = ""] = cidr.split("/");
  const version = isIP(network);
  if (version === 0 || !/^\d{1,3}$/.test(bits) || Number(bits) > (version === 4 ? 32 : 128)) {
    throw new HeronError(
      "invalid_config",
      `Read a network: found "${cidr}", expected one such as "10.1.0.0/16"`,
    );
  }
  const list = new BlockList();
  list.addSubnet(network, Number(bits), version === 4 ? "ipv4" : "ipv6");
  return ({ address, family }) =>
    family === `IPv${version}` && list.check(address, version === 4 ? "ipv4" : "ipv6");
}
