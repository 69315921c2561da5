/**
 * What the values of Heron's configuration keys must be. `checkConfig` brings
 * values to their type (Heron's are all strings) and lists the faults. Unknown keys pass.
 */

import { type ConfigKey, SETTINGS } from "../base/config/mod.ts";
import { Config, tickMsOf } from "./config.ts";
import type { ConfigMap, ConfigValue } from "./definition.ts";
import { environmentFault } from "./environment_map.ts";

type ConfigRule =
  | { readonly type: "integer"; readonly min: number; readonly max: number }
  | { readonly type: "setting"; readonly key: ConfigKey }
  | { readonly type: "positive" }
  | { readonly type: "not_negative" }
  | { readonly type: "boolean" }
  | { readonly type: "choice"; readonly choices: readonly string[] }
  | { readonly type: "component_map" }
  | { readonly type: "environment" }
  | { readonly type: "refused"; readonly instead: string };

/** Longest period of a timer: what `setTimeout` can wait, in milliseconds. */
const PERIOD_MS_MAX = 2 ** 31 - 1;

/** Most calls of a bolt task that may be open at once. */
const CONCURRENCY_MAX = 1_000_000;
/** Most retries of a call. */
const RETRIES_MAX = 1_000_000;

/** A key, as the system reads it (see `SETTINGS`), and `other`, a name of Storm's for it. */
function setting(key: ConfigKey, other: string = key): [key: string, rule: ConfigRule] {
  return [other, { type: "setting", key }];
}

function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): ConfigRule {
  return { type: "integer", min, max };
}

const POSITIVE: ConfigRule = { type: "positive" };
const BOOLEAN: ConfigRule = { type: "boolean" };
const COMPONENT_MAP: ConfigRule = { type: "component_map" };

const RULES: ReadonlyMap<string, ConfigRule> = new Map<string, ConfigRule>([
  setting(Config.TOPOLOGY_STMGRS),
  setting(Config.TOPOLOGY_STMGRS, Config.TOPOLOGY_WORKERS),
  [Config.TOPOLOGY_ACKING, BOOLEAN],
  setting(Config.TOPOLOGY_RELIABILITY_MODE),
  setting(Config.TOPOLOGY_MESSAGE_TIMEOUT_SECS),
  setting(Config.TOPOLOGY_ENABLE_MESSAGE_TIMEOUTS),
  setting(Config.TOPOLOGY_MAX_SPOUT_PENDING),
  setting(Config.TOPOLOGY_TICK_TUPLE_FREQ_MS),
  [Config.TOPOLOGY_TICK_TUPLE_FREQ_SECS, { type: "not_negative" }],
  [Config.TOPOLOGY_COMPONENT_MAX_CONCURRENCY, integer(1, CONCURRENCY_MAX)],
  [Config.TOPOLOGY_COMPONENT_ERROR_RETRIES, integer(0, RETRIES_MAX)],
  [Config.TOPOLOGY_COMPONENT_ERROR_BACKOFF_MS, integer(0, PERIOD_MS_MAX)],
  [Config.TOPOLOGY_COMPONENT_ERROR_THEN, {
    type: "choice",
    choices: ["crash", "skip", "dead_letter"],
  }],
  [Config.TOPOLOGY_SPOUT_WAIT_STRATEGY, {
    type: "choice",
    choices: [
      "sleep",
      "progressive",
      "org.apache.storm.spout.SleepSpoutWaitStrategy",
      "org.apache.storm.policy.WaitStrategyProgressive",
    ],
  }],
  [Config.TOPOLOGY_SLEEP_SPOUT_WAIT_STRATEGY_TIME_MS, integer(0, PERIOD_MS_MAX)],
  [Config.TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_LEVEL1_COUNT, integer(0)],
  [Config.TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_LEVEL2_COUNT, integer(0)],
  [Config.TOPOLOGY_SPOUT_WAIT_PROGRESSIVE_SLEEP_MILLIS, integer(0, PERIOD_MS_MAX)],
  setting(Config.TOPOLOGY_DEBUG),
  [Config.TOPOLOGY_ENVIRONMENT, { type: "environment" }],
  [Config.TOPOLOGY_AUTO_TASK_HOOKS, {
    type: "refused",
    instead: "hooks by TopologyBuilder.addTaskHook (a bundle has no classes by name)",
  }],
  [Config.TOPOLOGY_KEY_GROUPS, integer(1, 2 ** 30)],
  [Config.TOPOLOGY_COMPONENT_CPUMAP, COMPONENT_MAP],
  [Config.TOPOLOGY_COMPONENT_RAMMAP, COMPONENT_MAP],
  [Config.TOPOLOGY_COMPONENT_DISKMAP, COMPONENT_MAP],
  [Config.TOPOLOGY_COMPONENT_RESOURCES_ONHEAP_MEMORY_MB, POSITIVE],
  [Config.TOPOLOGY_COMPONENT_RESOURCES_OFFHEAP_MEMORY_MB, POSITIVE],
  [Config.TOPOLOGY_COMPONENT_CPU_PCORE_PERCENT, POSITIVE],
  [Config.TOPOLOGY_CONTAINER_CPU_REQUESTED, POSITIVE],
  [Config.TOPOLOGY_CONTAINER_RAM_REQUESTED, integer(1)],
  [Config.TOPOLOGY_CONTAINER_DISK_REQUESTED, integer(1)],
  [Config.TOPOLOGY_CONTAINER_RAM_PADDING, integer(0)],
  [Config.TOPOLOGY_STMGR_RAM, integer(0)],
  [Config.TOPOLOGY_METRICSMGR_RAM, integer(0)],
]);

/** What a topology has when it says nothing, as Heron does on submit. */
export const DEFAULT_TOPOLOGY_CONFIG: ConfigMap = Object.freeze({
  ...byDefault(Config.TOPOLOGY_STMGRS),
  ...byDefault(Config.TOPOLOGY_RELIABILITY_MODE),
  ...byDefault(Config.TOPOLOGY_MESSAGE_TIMEOUT_SECS),
  ...byDefault(Config.TOPOLOGY_ENABLE_MESSAGE_TIMEOUTS),
  ...byDefault(Config.TOPOLOGY_MAX_SPOUT_PENDING),
  ...byDefault(Config.TOPOLOGY_DEBUG),
});

function byDefault(key: ConfigKey): ConfigMap {
  return { [key]: SETTINGS[key].byDefault };
}

/**
 * The values of `config` in their types; what is wrong is added to `faults`, each line beginning
 * with `owner`. A tick frequency in seconds is given in milliseconds too.
 */
export function checkConfig(config: ConfigMap, owner: string, faults: string[]): ConfigMap {
  const checked = new Map<string, ConfigValue>();
  for (const [key, value] of Object.entries(config)) {
    const result = checkValue(key, value);
    if (typeof result === "object") faults.push(`${owner}: config "${key}" is ${result.fault}`);
    else checked.set(key, result);
  }
  const tickSecs = checked.get(Config.TOPOLOGY_TICK_TUPLE_FREQ_SECS);
  if (typeof tickSecs === "number" && !checked.has(Config.TOPOLOGY_TICK_TUPLE_FREQ_MS)) {
    const key = Config.TOPOLOGY_TICK_TUPLE_FREQ_MS;
    const result = checkValue(key, tickMsOf(tickSecs));
    if (typeof result === "object") faults.push(`${owner}: config "${key}" is ${result.fault}`);
    else checked.set(key, result);
  }
  return Object.freeze(Object.fromEntries(checked));
}

type CheckResult = ConfigValue | { readonly fault: string };

// `value` is what the user's code gave, whatever its declared type.
function checkValue(key: string, value: unknown): CheckResult {
  const fault = { fault: describe(value) };
  if (key === "") return { fault: "without a name, expected a key" };
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    return { fault: `${fault.fault}, expected a string, number or boolean` };
  }
  if (typeof value === "string" && !(value.isWellFormed() && key.isWellFormed())) {
    return { fault: `${fault.fault}, expected well-formed text` };
  }
  if (typeof value === "number" && !Number.isFinite(value)) {
    return { fault: `${fault.fault}, expected a finite number` };
  }
  const rule = RULES.get(key);
  return rule === undefined ? value : applyRule(rule, value);
}

function applyRule(rule: ConfigRule, value: ConfigValue): CheckResult {
  const expected = (what: string): CheckResult => ({
    fault: `${describe(value)}, expected ${what}`,
  });
  switch (rule.type) {
    case "integer": {
      const number = toNumber(value);
      if (Number.isSafeInteger(number) && number >= rule.min && number <= rule.max) return number;
      const bound = rule.max === Number.MAX_SAFE_INTEGER ? "" : ` and at most ${rule.max}`;
      return expected(`a whole number of at least ${rule.min}${bound}`);
    }
    case "setting": {
      const reading = SETTINGS[rule.key].read(value);
      return "value" in reading ? reading.value : expected(reading.expected);
    }
    case "not_negative": {
      const number = toNumber(value);
      return Number.isFinite(number) && number >= 0 ? number : expected("a number of at least 0");
    }
    case "positive": {
      const number = toNumber(value);
      return Number.isFinite(number) && number > 0 ? number : expected("a number above 0");
    }
    case "boolean":
      if (typeof value === "boolean") return value;
      return value === "true" || value === "false" ? value === "true" : expected("true or false");
    case "choice":
      return rule.choices.includes(String(value)) ? value : expected(rule.choices.join(" or "));
    case "component_map":
      return parseComponentMap(String(value)) === undefined
        ? expected('"component:number" pairs joined by ",", with numbers above 0')
        : value;
    case "environment": {
      const fault = environmentFault(String(value));
      return fault === undefined ? value : { fault };
    }
    case "refused":
      return expected(rule.instead);
  }
}

function toNumber(value: ConfigValue): number {
  if (typeof value === "number") return value;
  return typeof value === "string" && value.trim() !== "" ? Number(value) : NaN;
}

function describe(value: unknown): string {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return `"${value}"`;
  }
  return value === null ? "null" : `of type ${typeof value}`;
}

/**
 * The numbers of a map like `split:2,count:1.5` (cores, or bytes) by component; a later entry of
 * a component wins. Undefined when the text is no such map.
 */
export function parseComponentMap(text: string): ReadonlyMap<string, number> | undefined {
  const numbers = new Map<string, number>();
  for (const entry of text.split(",").map((part) => part.trim())) {
    if (entry === "") continue;
    const [component = "", number = "", ...rest] = entry.split(":");
    const value = toNumber(number);
    if (component === "" || rest.length > 0 || !Number.isFinite(value) || value <= 0) {
      return undefined;
    }
    numbers.set(component, value);
  }
  return numbers;
}
