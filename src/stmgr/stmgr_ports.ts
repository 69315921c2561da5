/** What the core of a stream manager is given, and what it asks of its shell. */

import type { MessageInitShape } from "@bufbuild/protobuf";
import type {
  InstanceRegisteredSchema,
  TaskEnded,
  TaskStuck,
} from "../base/gen/heron_bin/packet_pb.ts";
import type { TaskLife } from "../tuples/mod.ts";
import type { KnownLives } from "./losses.ts";

/** A task of this stream manager's container. */
export interface LocalTask {
  readonly taskId: number;
  readonly instanceId: string;
  readonly component: string;
  readonly componentIndex: number;
  /** The tasks that tuples of a spout, or what comes of them, can get to; absent: it is no spout. */
  readonly reaches?: ReadonlySet<number> | undefined;
}

/** Where a peer listens. */
export interface PeerAddress {
  readonly stmgrId: string;
  readonly host: string;
  readonly port: number;
}

/** What the core asks of its shell. */
export interface StmgrPorts {
  /** Keep a link to this peer, at this address; replaces an older address. */
  dial(peer: PeerAddress): void;
  /** All instances are here: register with the topology master, now and at each new link to it. */
  registerNow(): void;
  /** Tells the topology master; the packet is lost when there is no link. */
  tellTm(ended: TaskEnded): void;
  /** Tells the topology master that a task waits for credit; lost when there is no link. */
  tellStuck(stuck: TaskStuck): void;
  /** A later life of this stream manager lives: this one is to end. */
  replaced(reason: string): void;
  /** Something for the log. */
  report(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** What a stream manager is. */
export interface StmgrOptions {
  readonly stmgrId: string;
  readonly life: TaskLife;
  readonly localTasks: readonly LocalTask[];
  /** `loss.settle.ms`. */
  readonly lossSettleMs: number;
  /** With more bytes in a link's queue, acks for it wait and are merged: `acks.merge.bytes`. */
  readonly acksMergeBytes: number;
  /** `backpressure.report.ms`. */
  readonly backpressureReportMs: number;
  /** The time that the core's methods are given. */
  nowMs(): number;
  readonly ports: StmgrPorts;
}

/** An instance that registers. */
export interface Registration {
  readonly taskId: number;
  readonly life: TaskLife;
  /** Answers it; nothing goes to it before that. */
  answer(value: MessageInitShape<typeof InstanceRegisteredSchema>): void;
}

/** A peer whose link is open. */
export interface PeerHello {
  readonly stmgrId: string;
  readonly life: TaskLife | undefined;
  /** What it knows of others. @default nothing */
  readonly table?: KnownLives;
}
