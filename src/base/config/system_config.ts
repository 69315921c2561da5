/**
 * The one typed config of the system: what a config map says, over the
 * defaults, checked once with all faults told together, then frozen. Keys
 * that the system does not know belong to components and are passed over.
 */

import { HeronError } from "../mod.ts";
import { type ConfigKey, SETTINGS } from "./defaults.ts";
import type { ConfigValue, Setting } from "./setting.ts";

/** The field of a key: `net.silence.ms` is `netSilenceMs`. */
export type FieldOf<Key extends string> = Key extends `${infer Head}.${infer Tail}`
  ? `${Head}${Capitalize<FieldOf<Tail>>}`
  : Key;

type ValueOf<Key extends ConfigKey> = (typeof SETTINGS)[Key] extends Setting<infer T> ? T : never;

/** The settings of the system; the field is the key in camel case, so the unit ends its name. */
export type SystemConfig = { readonly [Key in ConfigKey as FieldOf<Key>]: ValueOf<Key> };

/** What a topology, a cluster and a component say; values may be numbers as text. */
export type ConfigSource = Readonly<Record<string, ConfigValue>>;

/** What is wrong with the value of a key, to be read after it. */
export interface ConfigFault {
  readonly key: ConfigKey;
  readonly text: string;
}

/**
 * The config that `source` and the defaults give.
 *
 * @throws {HeronError} `invalid_config` with a line for each fault.
 */
export function systemConfigFrom(source: ConfigSource): SystemConfig {
  const { config, faults } = readConfig(source);
  if (faults.length === 0) return config;
  const lines = faults.map(({ key, text }) => `"${key}": ${text}`);
  throw new HeronError("invalid_config", `Read the config: ${lines.join("\n")}`);
}

/** The config that `source` and the defaults give, and all that is wrong with it. */
export function readConfig(
  source: ConfigSource,
): { readonly config: SystemConfig; readonly faults: readonly ConfigFault[] } {
  const faults: ConfigFault[] = [];
  const fields: Record<string, ConfigValue> = {};
  // The keys of a frozen literal are exactly the union.
  for (const key of Object.keys(SETTINGS) as ConfigKey[]) {
    const setting: Setting<ConfigValue> = SETTINGS[key];
    const given = source[key];
    fields[fieldOf(key)] = setting.byDefault;
    if (given === undefined) continue;
    const reading = setting.read(given);
    if ("value" in reading) fields[fieldOf(key)] = reading.value;
    else {
      const text = `found ${JSON.stringify(given)}, expected ${reading.expected}`;
      faults.push({ key, text });
    }
  }
  // The loop wrote every field that the type has, each read by its own setting.
  const config = fields as SystemConfig;
  if (faults.length === 0) faults.push(...contradictions(config));
  return { config: Object.freeze(config), faults };
}

/** The field name of `key`. */
function fieldOf(key: string): string {
  return key.replace(/\.([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Pairs of settings of which the first may not be larger than the second, or a part of it. */
const ORDERED: readonly (readonly [ConfigKey, ConfigKey, times?: number])[] = [
  // A frame may be a batch and its last tuple, twice a batch; half a ring must hold it.
  ["instance.batch.bytes", "instance.ring.bytes", 8],
  ["instance.batch.bytes", "net.frame.bytes"],
  ["channel.minimum.credit.bytes", "channel.initial.credit.bytes"],
  ["channel.initial.credit.bytes", "instance.receive.bytes"],
  ["net.reconnect.min.ms", "net.reconnect.max.ms"],
  ["net.ping.ms", "net.silence.ms"],
  ["stmgr.heartbeat.ms", "stmgr.timeout.ms"],
];

function contradictions(config: Readonly<Record<string, ConfigValue>>): ConfigFault[] {
  return ORDERED.flatMap(([smaller, larger, times = 1]) => {
    const found = Number(config[fieldOf(smaller)]);
    const limit = Number(config[fieldOf(larger)]) / times;
    const part = times === 1 ? "" : `1/${times} of `;
    const text = `found ${found}, expected at most ${part}"${larger}", which is ${limit}`;
    return found <= limit ? [] : [{ key: smaller, text }];
  });
}
