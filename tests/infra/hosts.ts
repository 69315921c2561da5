/**
 * Hosts that really differ, on one machine: network namespaces, each with an address and a loopback
 * of its own, joined by a bridge in the first. Needs root.
 */

import { needPackages } from "./debian.ts";
import { runToEnd } from "./programs.ts";

const ENVIRONMENT = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

/** The network of all hosts; nothing outside of their namespaces sees it. */
export const HOSTS_NETWORK = "10.77.0.0/24";

/** Some hosts, numbered from 0. */
export class Hosts implements AsyncDisposable {
  readonly #names: readonly string[];

  /** @param id makes the names of the namespaces those of nobody else */
  constructor(id: string, count: number) {
    this.#names = Array.from({ length: count }, (_, number) => `hb-${id}-${number}`);
  }

  /** Makes them. */
  async start(): Promise<void> {
    await needPackages(["iproute2"], ["ip"]);
    const [first = ""] = this.#names;
    for (const name of this.#names) {
      await ip("netns", "add", name);
      await ip("-n", name, "link", "set", "lo", "up");
    }
    await ip("-n", first, "link", "add", "hb0", "type", "bridge");
    await ip("-n", first, "addr", "add", `${this.addressOf(0)}/24`, "dev", "hb0");
    await ip("-n", first, "link", "set", "hb0", "up");
    for (const [number, name] of this.#names.entries()) {
      if (number === 0) continue;
      const plug = `port${number}`;
      const far = ["type", "veth", "peer", "name", "hb0", "netns", name];
      await ip("-n", first, "link", "add", plug, ...far);
      await ip("-n", first, "link", "set", plug, "master", "hb0", "up");
      await ip("-n", name, "addr", "add", `${this.addressOf(number)}/24`, "dev", "hb0");
      await ip("-n", name, "link", "set", "hb0", "up");
    }
  }

  /** The address of a host. */
  addressOf(number: number): string {
    return `10.77.0.${number + 1}`;
  }

  /** Before a command that is to run on a host. */
  prefixOf(number: number): readonly string[] {
    return ["ip", "netns", "exec", this.#names[number] ?? ""];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) {
      await runToEnd(["ip", "netns", "del", name], ENVIRONMENT);
    }
  }
}

async function ip(...args: readonly string[]): Promise<void> {
  const { code, stderr } = await runToEnd(["ip", ...args], ENVIRONMENT);
  if (code !== 0) throw new Error(`ip ${args.join(" ")}: ${stderr}`);
}
