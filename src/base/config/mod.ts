/** Door of `config`: one typed config of the system, its defaults and its one check. */

export { type ConfigKey, type ReliabilityMode, SETTINGS } from "./defaults.ts";
export { choice, type ConfigValue, flag, integer, type Reading, type Setting } from "./setting.ts";
export {
  type ConfigFault,
  type ConfigSource,
  readConfig,
  type SystemConfig,
  systemConfigFrom,
} from "./system_config.ts";
