import { expect, test } from "bun:test";
import { HeronError } from "../mod.ts";
import { SETTINGS } from "./defaults.ts";
import { type ConfigSource, systemConfigFrom } from "./system_config.ts";

function faultsOf(source: ConfigSource): HeronError {
  try {
    systemConfigFrom(source);
  } catch (thrown) {
    if (thrown instanceof HeronError) return thrown;
  }
  throw new Error("systemConfigFrom() threw no HeronError");
}

test("systemConfigFrom() gives the defaults for an empty map, frozen", () => {
  const config = systemConfigFrom({});
  expect(config.instanceReceiveBytes).toBe(8 * 1024 * 1024);
  expect(config.topologyContainerReceiveBytes).toBe(256 * 1024 * 1024);
  expect(config.instanceThreads).toBe(2);
  expect(config.topologyReliabilityMode).toBe("ATMOST_ONCE");
  expect(config.topologyTickTupleFreqMs).toBe(0);
  expect(Object.isFrozen(config)).toBe(true);
  expect(Object.keys(config)).toHaveLength(Object.keys(SETTINGS).length);
});

test("systemConfigFrom() takes given values, also as Heron's texts, and passes over unknown keys", () => {
  const config = systemConfigFrom({
    "topology.stmgrs": "3",
    "topology.debug": "true",
    "net.silence.ms": 20_000,
    "my.component.key": "anything",
  });
  expect(config.topologyStmgrs).toBe(3);
  expect(config.topologyDebug).toBe(true);
  expect(config.netSilenceMs).toBe(20_000);
  expect("myComponentKey" in config).toBe(false);
});

test("systemConfigFrom() lists all faults in one error", () => {
  const error = faultsOf({
    "instance.ring.bytes": 1_000_000,
    "topology.debug": "maybe",
    "net.ping.ms": -1,
  });
  expect(error.code).toBe("invalid_config");
  expect(error.message).toBe(
    'Read the config: "instance.ring.bytes": found 1000000, expected a power of two from 65536 to 1073741824\n' +
      '"net.ping.ms": found -1, expected a whole number from 10 to 86400000\n' +
      '"topology.debug": found "maybe", expected true or false',
  );
});

test("systemConfigFrom() says of a known mode that this version lacks it", () => {
  expect(faultsOf({ "topology.reliability.mode": "EFFECTIVELY_ONCE" }).message).toContain(
    'found "EFFECTIVELY_ONCE", expected "ATMOST_ONCE" or "ATLEAST_ONCE": this version has no other yet',
  );
  expect(faultsOf({ "instance.threads": 3 }).message).toContain('found 3, expected "2" or "1"');
  expect(faultsOf({ "topology.reliability.mode": "SOMETIMES" }).message).not.toContain("version");
});

test("systemConfigFrom() refuses settings that contradict each other", () => {
  const error = faultsOf({ "net.ping.ms": 5_000, "net.silence.ms": 4_000 });
  expect(error.message).toContain(
    '"net.ping.ms": found 5000, expected at most "net.silence.ms", which is 4000',
  );
  expect(systemConfigFrom({ "net.ping.ms": 4_000, "net.silence.ms": 4_000 }).netPingMs).toBe(4_000);
});

test("SETTINGS: each default is a value that its own setting accepts", () => {
  for (const [key, setting] of Object.entries(SETTINGS)) {
    expect([key, setting.read(setting.byDefault)]).toEqual([key, { value: setting.byDefault }]);
  }
});
