/**
 * Where simulated processes listen: unix sockets by path and TCP ports by
 * number. A path belongs to the latest life that took it; a port to a process
 * for as long as it lives.
 */

import type { TaskLife } from "../tuples/mod.ts";
import type { Interposer } from "./interposer.ts";
import { compareLives, type Listener } from "./sim_network.ts";

interface Place {
  readonly listener: Listener;
  readonly life: TaskLife;
}

/** The addresses of a run. */
export class SimRegistry {
  readonly #interposer: Interposer;
  readonly #paths = new Map<string, Place>();
  readonly #ports = new Map<number, Listener>();
  #lastPort = 10_000;

  /** Nobody listens. */
  constructor(interposer: Interposer) {
    this.#interposer = interposer;
  }

  /** Listens at `path`, unless a later life does. */
  takePath(path: string, listener: Listener, life: TaskLife): void {
    const known = this.#paths.get(path);
    const isLate = known !== undefined && compareLives(known.life, life) > 0;
    if (isLate && !this.#interposer.lateRename()) return;
    this.#paths.set(path, { listener, life });
  }

  /** Who listens at `path`. */
  atPath(path: string): Listener | undefined {
    return this.#paths.get(path)?.listener;
  }

  /** Listens on `wanted` if that is free, or on any port; returns which. */
  takePort(wanted: number | undefined, listener: Listener): number {
    const isFree = wanted !== undefined &&
      this.#ports.get(wanted)?.options.process.isDead !== false;
    const port = isFree ? wanted : ++this.#lastPort;
    this.#ports.set(port, listener);
    return port;
  }

  /** Who listens on `port`. */
  atPort(port: number): Listener | undefined {
    return this.#ports.get(port);
  }
}
