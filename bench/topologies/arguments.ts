/**
 * The arguments of a bench topology, `name=value` each, with defaults in the topology;
 * `set:KEY=VALUE` goes into its config. Shared by all of them.
 */

import { Config, type ConfigMap } from "heron-bin";

/** Arguments by name. */
export class BenchArguments {
  readonly #values: ReadonlyMap<string, string>;

  /** Takes what stands behind the file on the command line. */
  constructor(args: readonly string[]) {
    this.#values = new Map(args.map((arg) => {
      const cut = arg.indexOf("=");
      if (cut < 1) throw new RangeError(`Read argument "${arg}": expected name=value`);
      return [arg.slice(0, cut), arg.slice(cut + 1)];
    }));
  }

  /** An argument as text. */
  text(name: string, byDefault: string): string {
    return this.#values.get(name) ?? byDefault;
  }

  /** An argument as a number, at least 0. */
  number(name: string, byDefault: number): number {
    const text = this.#values.get(name);
    const value = text === undefined ? byDefault : Number(text);
    if (value >= 0) return value;
    throw new RangeError(`Read argument "${name}": found "${text}", expected a number`);
  }

  /** Whether each tuple is followed until it is acked. */
  get isAcked(): boolean {
    return this.text("mode", "amo") === "alo";
  }

  /** The config of the topology: the mode's, and what was set. */
  config(): Config {
    const config = new Config();
    if (this.isAcked) config.setTopologyReliabilityMode("ATLEAST_ONCE");
    return config.putAll(this.#settings());
  }

  #settings(): ConfigMap {
    const settings = [...this.#values].filter(([name]) => name.startsWith("set:"));
    return Object.fromEntries(settings.map(([name, value]) => [name.slice("set:".length), value]));
  }
}
