/**
 * One socket, whoever opened it: reading with a limit a turn, the outbox, and ending it. What the
 * bytes mean is its receiver's business: first the hello, then the connection.
 */

import type { Clock, Timer } from "../mod.ts";
import { afterTurnEnd, onTurnEnd } from "../mod.ts";
import type { WireLimits } from "./limits.ts";
import { Outbox } from "./outbox.ts";

/** What a link needs of a socket; Bun's have it. */
export interface ByteSocket {
  write(bytes: Uint8Array, offset: number, length: number): number;
  pause(): void;
  resume(): void;
  /** Sends FIN behind what was written; reading goes on. */
  shutdown(): void;
  /** Closes at once. */
  end(): void;
  /** Closes at once, with RST. */
  terminate(): void;
}

/** Who is told what happens on a link. */
export interface LinkReceiver {
  /**
   * Bytes came. Bun 1.4.5 makes a new buffer for each callback and never writes into it again
   * (a test holds it to that), so views may be kept, at the price of the whole chunk's memory.
   */
  received(chunk: Uint8Array): void;
  /** All that waited behind a full kernel buffer has left. */
  drained(): void;
  /** The socket is closed, and this side did not do it. */
  ended(cause: Error | undefined): void;
}

/** What a link is made with. */
export interface LinkOptions {
  readonly clock: Clock;
  readonly limits: WireLimits;
  /** The peer's address, for people. */
  readonly remoteAddress: string;
  /** Called once when the socket is closed, by whomever. */
  onGone(link: Link): void;
}

/** The handlers of a Bun socket whose `data` is the link that `open` has made. */
export function linkSocketHandler(
  open: (socket: Bun.Socket<Link>) => void,
): Bun.SocketHandler<Link> {
  // No `error` handler: what a handler of ours throws is our own mistake and ends the process.
  return {
    open,
    data: (socket, chunk) => socket.data.received(chunk),
    drain: (socket) => socket.data.drained(),
    close: (socket, cause) => socket.data.closed(cause),
  };
}

/** One socket. */
export class Link {
  /** Who takes what comes. */
  receiver: LinkReceiver | undefined;
  readonly #socket: ByteSocket;
  readonly #options: LinkOptions;
  readonly #outbox: Outbox;
  // finishing: closed by this side, its last bytes on their way; gone: the socket is closed.
  #state: "open" | "finishing" | "gone" = "open";
  #lingerTimer: Timer | undefined;
  #held = false;
  /** Bytes of this turn; of earlier ones too while they are less than half of what a turn may bring. */
  #turnBytes = 0;
  #isCounting = false;
  readonly #startTurn = (): void => {
    const paused = this.#turnBytes > this.#options.limits.turnBytesMax;
    this.#turnBytes = 0;
    this.#isCounting = false;
    if (paused && !this.#held && this.#state !== "gone") this.#socket.resume();
  };

  constructor(socket: ByteSocket, options: LinkOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#outbox = new Outbox({
      target: socket,
      flushBytes: options.limits.flushBytes,
      atTurnEnd: afterTurnEnd,
    });
  }

  /** The peer's address, for people. */
  get remoteAddress(): string {
    return this.#options.remoteAddress;
  }

  /** Bytes taken and not yet given to the kernel. */
  get queuedBytes(): number {
    return this.#outbox.queuedBytes;
  }

  /** Sends `bytes[start, end)` with the rest of this turn. */
  send(bytes: Uint8Array, start: number, end: number): void {
    if (this.#state === "open") this.#outbox.append(bytes, start, end);
  }

  /** Until `uncork` nothing is asked of the end of the turn. */
  cork(): void {
    this.#outbox.cork();
  }

  /** Writes now what was sent, rather than with the rest of this turn. */
  uncork(): void {
    this.#outbox.uncork();
  }

  /** Stops reading until `release`: for a connection that waits for its place. */
  hold(): void {
    this.#held = true;
    this.#socket.pause();
  }

  /** Reads again. */
  release(): void {
    if (!this.#held) return;
    this.#held = false;
    if (this.#state !== "gone") this.#socket.resume();
  }

  /** Gives memory back after a burst. */
  trim(): void {
    this.#outbox.trim();
  }

  /** Sends what waits, then closes; closes anyhow after `lingerMs`. What still comes is dropped. */
  finish(): void {
    if (this.#state !== "open") return;
    this.#state = "finishing";
    const { clock, limits } = this.#options;
    this.#lingerTimer = clock.after(limits.lingerMs, () => this.#socket.terminate());
    this.#outbox.flush();
    // Only FIN, not close: bytes of the peer that were not read yet would turn it into a
    // reset, which throws away on the peer's side what we sent last.
    if (this.#outbox.queuedBytes === 0) this.#socket.shutdown();
    this.release();
  }

  /** Writes what the kernel takes, then closes at once. */
  cut(): void {
    if (this.#state === "gone") return;
    this.#state = "finishing";
    this.#outbox.flush();
    this.#outbox.close();
    this.#socket.end();
  }

  /** From the socket: bytes came. */
  received(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    const { turnBytesMax } = this.#options.limits;
    this.#turnBytes += chunk.length;
    // Most turns bring little, and need not be counted one by one.
    if (this.#turnBytes > turnBytesMax / 2 && !this.#isCounting) {
      this.#isCounting = true;
      onTurnEnd(this.#startTurn);
    }
    // Bun reads one socket up to 5 MiB in a turn; the others and the timers wait so long.
    if (this.#turnBytes > turnBytesMax) this.#socket.pause();
    this.receiver?.received(chunk);
  }

  /** From the socket: the kernel has room again. */
  drained(): void {
    const wasBlocked = this.#outbox.blocked;
    if (!this.#outbox.drained()) return;
    if (this.#state === "finishing") this.#socket.shutdown();
    else if (wasBlocked) this.receiver?.drained();
  }

  /** From the socket: it is closed. */
  closed(cause: Error | undefined): void {
    if (this.#state === "gone") return;
    const byPeer = this.#state === "open";
    this.#state = "gone";
    this.#lingerTimer?.cancel();
    this.#outbox.close();
    this.#options.onGone(this);
    if (byPeer) this.receiver?.ended(cause);
  }
}
