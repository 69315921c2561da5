import { expect, test } from "bun:test";
import { formatAddress, formatRemote } from "./address.ts";

test("formatAddress() names hosts, v6 hosts and unix sockets", () => {
  expect(formatAddress({ hostname: "node-1", port: 80 })).toBe("node-1:80");
  expect(formatAddress({ hostname: "::1", port: 80 })).toBe("[::1]:80");
  expect(formatAddress({ unix: "/run/x.sock" })).toBe("unix:/run/x.sock");
});

test("formatRemote() names who connected, also who has gone before he was seen", () => {
  const listening = { hostname: "0.0.0.0", port: 80 };
  const seen = { remoteAddress: "10.0.0.7", remotePort: 1234 };
  const gone = { remoteAddress: undefined, remotePort: undefined };
  expect(formatRemote(listening, seen)).toBe("10.0.0.7:1234");
  expect(formatRemote(listening, gone)).toBe("somebody who has gone");
  expect(formatRemote({ unix: "/run/x.sock" }, gone)).toBe("unix:/run/x.sock");
});
