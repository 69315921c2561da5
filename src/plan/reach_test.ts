import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { addressOf, type Interfaces } from "./reach.ts";

const INTERFACES: Interfaces = {
  lo: [
    { address: "127.0.0.1", family: "IPv4", internal: true },
    { address: "::1", family: "IPv6", internal: true },
  ],
  eth0: [
    { address: "fe80::1", family: "IPv6", internal: false },
    { address: "2001:db8::7", family: "IPv6", internal: false },
    { address: "192.168.7.4", family: "IPv4", internal: false },
  ],
  ib0: [{ address: "10.1.2.3", family: "IPv4", internal: false }],
  ib1: [{ address: "2001:db8:1::9", family: "IPv6", internal: false }],
  tun0: undefined,
};

function inNetwork(cidr: string): string {
  return addressOf({ type: "network", cidr }, INTERFACES);
}

function ofInterface(name: string): string {
  return addressOf({ type: "interface", name }, INTERFACES);
}

test("addressOf() takes the address of the interface, IPv4 first, never one of the link alone", () => {
  expect(ofInterface("eth0")).toBe("192.168.7.4");
  expect(ofInterface("ib1")).toBe("2001:db8:1::9");
  expect(ofInterface("lo")).toBe("127.0.0.1");
});

test("addressOf() takes the address within the network", () => {
  expect(inNetwork("10.0.0.0/8")).toBe("10.1.2.3");
  expect(inNetwork("192.168.7.4/32")).toBe("192.168.7.4");
  expect(inNetwork("2001:db8:1::/48")).toBe("2001:db8:1::9");
  expect(inNetwork("0.0.0.0/0")).toBe("127.0.0.1");
});

test("addressOf() says what there is when nothing fits", () => {
  const there = "lo 127.0.0.1, lo ::1, eth0 fe80::1, eth0 2001:db8::7, eth0 192.168.7.4, " +
    "ib0 10.1.2.3, ib1 2001:db8:1::9";
  expect(() => ofInterface("eth1")).toThrow(
    `Find the address of this machine in interface "eth1": found ${there}, expected one of them in it`,
  );
  expect(() => ofInterface("tun0")).toThrow('interface "tun0"');
  expect(() => inNetwork("10.2.0.0/16")).toThrow('in network "10.2.0.0/16": found lo 127.0.0.1');
  for (const cidr of ["", "10.0.0.0", "10.0.0.0/33", "10.0.0/8", "::/129", "x/8", "10.0.0.0/-1"]) {
    expect(() => inNetwork(cidr)).toThrow(`Read a network: found "${cidr}"`);
  }
});

test("addressOf() reads what this machine's system says", () => {
  const cidr = "127.0.0.0/8";
  expect(addressOf({ type: "network", cidr }, networkInterfaces())).toStartWith("127.");
});
