/** Door of `config`: one typed config of the system, its defaults and its one check. */

export { type ConfigKey, type ReliabilityMode, SETTINGS } from "./defaults.ts";
export type { ConfigValue, Setting } from "./setting.ts";
export { type ConfigSource, type SystemConfig, systemConfigFrom } from "./system_config.ts";
