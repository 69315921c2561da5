/**
 * Back pressure as a stream manager speaks it: its core's links and events on
 * one side, who is announced and which spouts pause on the other.
 */

import type { NoCredit } from "../base/gen/heron_bin/packet_pb.ts";
import { encodeFrame } from "../base/wire/mod.ts";
import { BackPressure } from "./back_pressure.ts";
import type { Link, Outlet } from "./outlet.ts";
import { SpoutPauses } from "./spout_pauses.ts";
import type { PressureFigures } from "./stmgr_metrics.ts";
import type { StmgrOptions } from "./stmgr_ports.ts";

/** The links of a stream manager. */
export interface PressureLinks {
  /** Of its own tasks, by id. */
  readonly local: ReadonlyMap<number, Outlet>;
  /** Of other stream managers, by id. */
  readonly peers: ReadonlyMap<string, Outlet>;
  /** The way to a task, wherever it is. */
  wayTo(task: number): Outlet | undefined;
}

type PressureOptions = Pick<StmgrOptions, "localTasks" | "backpressureReportMs" | "nowMs">;

/** The back pressure of one stream manager. */
export class StmgrPressure implements PressureFigures {
  readonly #options: PressureOptions;
  readonly #links: PressureLinks;
  readonly #culprits: BackPressure;
  readonly #pauses: SpoutPauses;

  /** Nothing is announced. */
  constructor(options: PressureOptions, links: PressureLinks) {
    const { localTasks, backpressureReportMs: reportMs, nowMs } = options;
    this.#options = options;
    this.#links = links;
    const { local, peers } = links;
    this.#pauses = new SpoutPauses(
      localTasks,
      (task, culprits) => local.get(task)?.tell(pressureFrame(culprits)),
    );
    this.#culprits = new BackPressure({
      reportMs,
      ports: {
        ask: (task) => {
          const outlet = local.get(task);
          outlet?.tell(encodeFrame({ body: { case: "askRelief", value: {} } }));
          return outlet?.link !== undefined;
        },
        tellPeers: (culprits) => {
          for (const outlet of peers.values()) outlet.tell(pressureFrame(culprits));
        },
        changed: (culprits) => this.#pauses.set(culprits, nowMs()),
      },
    });
  }

  /** The tasks that this stream manager announces. */
  get announced(): readonly number[] {
    return this.#culprits.announced;
  }

  /** What a peer announces, as far as is known. */
  announcedBy(stmgrId: string): readonly number[] {
    return this.#culprits.announcedBy(stmgrId);
  }

  /** When `timer` is due; undefined: never, as far as is known. */
  get dueMs(): number | undefined {
    return this.#culprits.dueMs;
  }

  /** Does what is due. */
  timer(nowMs: number): void {
    this.#culprits.timer(nowMs);
  }

  /** A task of this stream manager has connected. */
  taskCame(task: number): void {
    this.#pauses.taskCame(task, this.#options.nowMs());
  }

  /** Its connection has ended. */
  taskLost(task: number): void {
    this.#culprits.taskLost(task, this.#options.nowMs());
    this.#pauses.taskLost(task, this.#options.nowMs());
  }

  /** The link to a peer is open: what is announced is state of it. */
  peerUp(stmgrId: string): void {
    const { announced } = this;
    if (announced.length > 0) this.#links.peers.get(stmgrId)?.tell(pressureFrame(announced));
  }

  /** The link to a peer has ended. */
  peerLost(stmgrId: string): void {
    this.#culprits.peerLost(stmgrId, this.#options.nowMs());
  }

  /** A source lacks credit of a task: the stream manager of that one is to know. */
  noCredit(word: NoCredit): void {
    const { local, wayTo } = this.#links;
    if (local.has(word.culprit)) this.#culprits.noCredit(word, this.#options.nowMs());
    else wayTo(word.culprit)?.tell(encodeFrame({ body: { case: "noCredit", value: word } }));
  }

  /** A task of this stream manager says that half of its budget is free. */
  relieved(task: number): void {
    this.#culprits.relieved(task, this.#options.nowMs());
  }

  /** A peer tells on `link` what it announces; what an older link brings late is void. */
  peerAnnounces(link: Link, stmgrId: string, culprits: readonly number[]): void {
    if (this.#links.peers.get(stmgrId)?.link !== link) return;
    this.#culprits.peerAnnounces(stmgrId, culprits, this.#options.nowMs());
  }

  get announcedMs(): number {
    return this.#culprits.own(this.#options.nowMs());
  }

  get announcedByPeersMs(): number {
    return this.#culprits.byPeers(this.#options.nowMs());
  }

  get pausedMs(): number {
    return this.#pauses.pausedMs(this.#options.nowMs());
  }

  *announcedMsByInstance(): Iterable<readonly [instanceId: string, ms: number]> {
    const nowMs = this.#options.nowMs();
    for (const { taskId, instanceId } of this.#options.localTasks) {
      yield [instanceId, this.#culprits.of(taskId, nowMs)];
    }
  }
}

function pressureFrame(culprits: readonly number[]): Uint8Array {
  return encodeFrame({ body: { case: "backPressure", value: { culprits: [...culprits] } } });
}
