import { expect, test } from "bun:test";
import { formatAddress } from "./address.ts";

test("formatAddress() names hosts, v6 hosts and unix sockets", () => {
  expect(formatAddress({ hostname: "node-1", port: 80 })).toBe("node-1:80");
  expect(formatAddress({ hostname: "::1", port: 80 })).toBe("[::1]:80");
  expect(formatAddress({ unix: "/run/x.sock" })).toBe("unix:/run/x.sock");
});
