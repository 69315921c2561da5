/**
 * The simulated dialler: keeps a link to whoever listens at an address, with a
 * hello on each, and dials again after each end, a little later each time.
 */

import type { Timer } from "../base/mod.ts";
import type { LinkKind } from "./interposer.ts";
import type { Hello, Listener, PeerHandlers, SimNetwork } from "./sim_network.ts";
import type { LinkEnd, LinkHandlers } from "./virtual_link.ts";
import type { VirtualProcess } from "./virtual_process.ts";

const REDIAL_DELAY_MAX_MS = 50;
const REDIAL_DOUBLINGS_MAX = 4;
/** Time for the whole hello. */
const HELLO_TIMEOUT_MS = 2_000;

/** What a kept link is made of. */
export interface KeptLinkOptions {
  readonly network: SimNetwork;
  readonly process: VirtualProcess;
  readonly site: number;
  readonly kinds: readonly [LinkKind, LinkKind];
  /** Who listens at its address now. */
  address(): Listener | undefined;
  hello(): Hello;
  readonly handlers: PeerHandlers;
  /** The other side refuses this one: another has its place. */
  refused(reason: string): void;
}

/** A link that is kept. */
export class KeptLink {
  readonly #options: KeptLinkOptions;
  #end: LinkEnd | undefined;
  #attempt = 0;
  #failures = 0;
  #isClosed = false;
  #timer: Timer | undefined;

  /** Dials soon. */
  constructor(options: KeptLinkOptions) {
    this.#options = options;
    this.#dialIn(this.#delayMs());
  }

  /** The open link. */
  get end(): LinkEnd | undefined {
    return this.#end;
  }

  /** Ends it for good. */
  close(): void {
    this.#isClosed = true;
    this.#timer?.cancel();
    this.#end?.close();
  }

  /** Ends the open link, if there is one; it is dialled anew. */
  renew(): void {
    if (this.#end !== undefined) this.#end.close();
    else this.#again();
  }

  #delayMs(): number {
    const doublings = Math.min(this.#failures, REDIAL_DOUBLINGS_MAX);
    return this.#options.network.world.delayMs(REDIAL_DELAY_MAX_MS * 2 ** doublings);
  }

  #dialIn(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#options.process.clock.after(delayMs, () => this.#dial());
  }

  #again(): void {
    this.#attempt++;
    this.#failures++;
    if (!this.#isClosed) this.#dialIn(this.#delayMs());
  }

  #dial(): void {
    const { network, process, site, address, hello } = this.#options;
    const listener = address();
    if (listener === undefined || listener.options.process.isDead) return this.#again();
    const attempt = ++this.#attempt;
    const greeting = hello();
    this.#timer = process.clock.after(HELLO_TIMEOUT_MS, () => {
      if (this.#attempt === attempt && this.#end === undefined) this.#again();
    });
    network.world.after(network.travelMs(site, listener.options.site), () => {
      listener.options.process.post(() => this.#greet(listener, greeting, attempt));
    });
  }

  /** In the listener's process. */
  #greet(listener: Listener, greeting: Hello, attempt: number): void {
    const { network, process, site, kinds } = this.#options;
    const isOver = (): boolean => process.isDead || this.#attempt !== attempt || this.#isClosed;
    if (isOver()) return;
    const { world } = network;
    const refused = listener.refuse(greeting);
    const knownMs = world.nowMs() + network.travelMs(site, listener.options.site);
    if (refused !== undefined) {
      world.at(knownMs, () =>
        process.post(() => {
          if (!isOver()) this.#refused(refused);
        }));
      return;
    }
    const welcome = listener.options.hello();
    const [first, second] = network.open(
      kinds,
      { process, site, handlers: this.#handlers },
      listener,
    );
    first.receiveAfter(knownMs);
    world.at(knownMs, () =>
      process.post(() => {
        if (first.isClosed) return;
        if (isOver()) first.close();
        else this.#opened(first, welcome);
      }));
    listener.opened(second, greeting);
  }

  #refused(reason: string): void {
    this.#again();
    this.#options.refused(reason);
  }

  #opened(end: LinkEnd, welcome: Hello): void {
    this.#timer?.cancel();
    this.#failures = 0;
    this.#end = end;
    this.#options.handlers.opened(end, welcome);
  }

  readonly #handlers: LinkHandlers = {
    frame: (end, bytes) => this.#options.handlers.frame(end, bytes),
    drained: (end) => this.#options.handlers.drained?.(end),
    closed: (end) => {
      if (this.#end === end) {
        this.#end = undefined;
        this.#options.handlers.closed(end);
        this.#again();
      } else if (this.#end === undefined) this.#again();
    },
  };
}
