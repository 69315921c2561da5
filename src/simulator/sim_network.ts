/**
 * The simulated network: how good the way between two machines is, who cannot
 * reach whom for a while, which links are open, and who listens where.
 */

import type { TaskLife } from "../tuples/mod.ts";
import type { HelloTable } from "../base/wire/mod.ts";
import type { Interposer, LinkKind } from "./interposer.ts";
import {
  type CutNews,
  type LinkEnd,
  type LinkHandlers,
  type LinkQuality,
  openLink,
} from "./virtual_link.ts";
import type { VirtualProcess } from "./virtual_process.ts";
import type { VirtualWorld } from "./virtual_world.ts";

/** Who says hello, as which life, and what it knows of others. */
export interface Hello {
  readonly role: "tm" | "stmgr" | "instance";
  readonly id: string;
  readonly life: TaskLife;
  readonly table: HelloTable;
}

/** What a connection's two ends do with it. */
export interface PeerHandlers extends LinkHandlers {
  /** The link is open for everything else. */
  opened(end: LinkEnd, hello: Hello): void;
}

/** Who listens. */
export interface ListenerOptions {
  readonly process: VirtualProcess;
  readonly site: number;
  /** A newer connection of a party ends the older ones here; otherwise its owner sees to that. */
  readonly supersedes: boolean;
  /** Its own side of a hello. */
  hello(): Hello;
  /** Why a peer that says hello is refused besides for being older than one that is connected. */
  refuse?(hello: Hello): string | undefined;
  readonly handlers: PeerHandlers;
}

/** An address where somebody listens, with the connections that came. */
export class Listener {
  readonly options: ListenerOptions;
  readonly #connections = new Map<LinkEnd, Hello>();

  /** Nobody has connected yet. */
  constructor(options: ListenerOptions) {
    this.options = options;
  }

  /** Why `hello` is refused; otherwise older connections of its party end. */
  refuse(hello: Hello): string | undefined {
    const refused = this.options.refuse?.(hello);
    if (refused !== undefined || !this.options.supersedes) return refused;
    const others = [...this.#connections].filter(([, known]) => known.id === hello.id);
    if (others.some(([, known]) => compareLives(known.life, hello.life) > 0)) {
      return "a later incarnation is connected";
    }
    for (const [end] of others) end.close();
    return undefined;
  }

  /** A peer was let in. */
  opened(end: LinkEnd, hello: Hello): void {
    this.#connections.set(end, hello);
    this.options.handlers.opened(end, hello);
  }

  /** What its ends do. */
  readonly handlers: LinkHandlers = {
    frame: (end, bytes) => this.options.handlers.frame(end, bytes),
    drained: (end) => this.options.handlers.drained?.(end),
    closed: (end) => {
      this.#connections.delete(end);
      this.options.handlers.closed(end);
    },
  };
}

/** Less than 0 when `first` is an older life than `second`. */
export function compareLives(first: TaskLife, second: TaskLife): number {
  return first.epoch !== second.epoch ? first.epoch - second.epoch : first.counter - second.counter;
}

/** An open link. */
interface OpenLink {
  readonly kinds: readonly [LinkKind, LinkKind];
  readonly sites: readonly [number, number];
  readonly ends: readonly [LinkEnd, LinkEnd];
}

interface Partition {
  readonly sites: ReadonlySet<number>;
  readonly untilMs: number;
}

/** What a network is made of. */
export interface NetworkOptions {
  readonly world: VirtualWorld;
  readonly interposer: Interposer;
  /** How good the way from one site to another is. */
  qualityOf(first: number, second: number): LinkQuality;
  /** A frame will never arrive. */
  readonly lost: (bytes: Uint8Array) => void;
}

/** All links of a run. */
export class SimNetwork {
  readonly world: VirtualWorld;
  readonly #options: NetworkOptions;
  #links: OpenLink[] = [];
  #partitions: Partition[] = [];

  /** Nothing is open. */
  constructor(options: NetworkOptions) {
    this.#options = options;
    this.world = options.world;
  }

  /** How long a word takes from one site to another; longer where it must wait for a partition's end. */
  travelMs(first: number, second: number): number {
    const { world } = this;
    const latencyMs = world.delayMs(this.#options.qualityOf(first, second).latencyMaxMs);
    return Math.max(latencyMs, this.blockedUntilMs(first, second) - world.nowMs());
  }

  /** Until when two sites cannot reach each other. */
  blockedUntilMs(first: number, second: number): number {
    this.#partitions = this.#partitions.filter(({ untilMs }) => untilMs > this.world.nowMs());
    const between = this.#partitions.filter(({ sites }) => sites.has(first) !== sites.has(second));
    return Math.max(0, ...between.map(({ untilMs }) => untilMs));
  }

  /** Opens a link; nothing of it reaches the dialler before `knownMs`. */
  open(
    kinds: readonly [LinkKind, LinkKind],
    dialler: { process: VirtualProcess; site: number; handlers: LinkHandlers },
    listener: Listener,
  ): readonly [LinkEnd, LinkEnd] {
    const { world, interposer, qualityOf, lost } = this.#options;
    const sites = [dialler.site, listener.options.site] as const;
    const ends = openLink({
      world,
      first: dialler,
      second: { process: listener.options.process, handlers: listener.handlers },
      quality: qualityOf(...sites),
      interpose: (bytes, way) =>
        interposer.frame(way.end === ends[0] ? kinds[0] : kinds[1], bytes, way),
      lost,
    });
    this.#links = this.#links.filter((link) => link.ends.some((end) => !end.isClosed));
    this.#links.push({ kinds, sites, ends });
    return ends;
  }

  /** Links that are up, of one kind, between two sites if given. */
  linksUp(kind: LinkKind, sites?: readonly [number, number]): readonly OpenLink[] {
    return this.#links.filter((link) =>
      link.kinds[0] === kind && link.ends.every((end) => end.isAlive) &&
      (sites === undefined || isSamePair(link.sites, sites))
    );
  }

  /** Cuts a link. */
  cut(link: OpenLink, news: CutNews): void {
    link.ends[0].cut(news);
  }

  /**
   * The sites in `sites` and the others do not reach each other for a while. Links that bring
   * nothing for `silenceMs` are given up, each end for itself.
   */
  part(sites: ReadonlySet<number>, forMs: number, silenceMs: number): void {
    const { world } = this;
    const untilMs = world.nowMs() + forMs;
    this.#partitions.push({ sites, untilMs });
    for (const { sites: pair, ends } of this.#links) {
      if (sites.has(pair[0]) === sites.has(pair[1])) continue;
      ends[0].blockUntil(untilMs);
      for (const end of ends) {
        const heardMs = silenceMs * (0.7 + 0.4 * world.random.unit());
        if (heardMs < forMs) end.closeIn(heardMs);
      }
    }
  }

  /** `process` is stopped until `untilMs`: the other ends of its links may lose patience meanwhile. */
  silence(process: VirtualProcess, untilMs: number, silenceMs: number): void {
    const { world } = this;
    for (const { ends } of this.#links) {
      const own = ends.find((end) => end.process === process);
      if (own === undefined || own.isClosed) continue;
      const heardMs = silenceMs * (0.7 + 0.4 * world.random.unit());
      if (world.nowMs() + heardMs >= untilMs) continue;
      own.other?.closeIn(heardMs);
      // When it wakes up, its own timers are late as well.
      if (world.chance(0.5)) own.closeIn(heardMs);
    }
  }
}

function isSamePair(a: readonly [number, number], b: readonly [number, number]): boolean {
  return (a[0] === b[0] && a[1] === b[1]) || (a[0] === b[1] && a[1] === b[0]);
}
