/**
 * Every key that the system itself reads, with its default and its limits.
 * Keys of user code and of components are not here and are left alone.
 * Units end the key: bytes, ms, secs.
 */

import { choice, flag, integer, powerOfTwo, text } from "./setting.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const DAY_MS = 24 * 60 * 60 * 1000;

/** How surely each tuple is handled. */
export type ReliabilityMode = "ATMOST_ONCE" | "ATLEAST_ONCE" | "EFFECTIVELY_ONCE";

/** The settings by key. */
export const SETTINGS = Object.freeze({
  /** What a task may hold of bytes received and not yet handled. */
  "instance.receive.bytes": integer(8 * MIB, { min: 64 * KIB, max: GIB }),
  /** The same for all tasks of a container together; shared equally. */
  "topology.container.receive.bytes": integer(256 * MIB, { min: 64 * KIB, max: 64 * GIB }),
  /** A batch is closed when it holds this much; a tuple that is larger travels in parts. */
  "instance.batch.bytes": integer(128 * KIB, { min: KIB, max: MIB }),
  /** The largest tuple: values and roots as they are encoded. One that fits a batch always passes. */
  "topology.tuple.max.bytes": integer(64 * MIB, { min: KIB, max: 128 * MIB }),
  /** Each ring between the two threads of an instance. */
  "instance.ring.bytes": powerOfTwo(MIB, { min: 64 * KIB, max: GIB }),
  /** What one call of user code may emit beyond its credit. */
  "emit.overshoot.bytes": integer(MIB, { min: 0, max: GIB }),
  /** What is handled in one turn of the event loop before others get theirs. */
  "instance.turn.bytes": integer(256 * KIB, { min: KIB, max: GIB }),
  /** What a source may send on a new channel before the first grant, at most. */
  "channel.initial.credit.bytes": integer(32 * KIB, { min: KIB, max: GIB }),
  /** The same, at least, however many sources a task has. */
  "channel.minimum.credit.bytes": integer(KIB, { min: 1, max: MIB }),
  /**
   * Threads of an instance: user code and sockets apart (2) or together (1), where user code that
   * blocks stops heartbeats too. Components may have their own.
   */
  "instance.threads": choice<1 | 2>([2, 1], []),

  /** A call of user code that has not returned for this long is warned of, and let run; 0: never. */
  "call.warn.ms": integer(5_000, { min: 0, max: DAY_MS }),
  /**
   * A task is ended when it holds this many percent of the memory that the packing plan gives it,
   * and warned of at 100; 0: neither.
   */
  "instance.memory.kill.percent": integer(300, { min: 0, max: 100_000 }),

  /** A pinged connection that brings no byte for this long is lost. */
  "net.silence.ms": integer(10_000, { min: 100, max: DAY_MS }),
  /** An idle connection is pinged after this long. */
  "net.ping.ms": integer(3_000, { min: 10, max: DAY_MS }),
  /** Time for the whole authenticated hello. */
  "net.hello.timeout.ms": integer(2_000, { min: 10, max: DAY_MS }),
  /** Time for the answer to a request. */
  "net.request.timeout.ms": integer(5_000, { min: 10, max: DAY_MS }),
  /** The largest frame that is read. */
  "net.frame.bytes": integer(16 * MIB, { min: 64 * KIB, max: GIB }),
  /** The first wait before a connection is tried again; it doubles from here. */
  "net.reconnect.min.ms": integer(10, { min: 1, max: DAY_MS }),
  /** The longest wait before a connection is tried again. */
  "net.reconnect.max.ms": integer(2_000, { min: 1, max: DAY_MS }),

  /** A lost link is taken for settled after this long, though its other end said nothing. */
  "loss.settle.ms": integer(200, { min: 1, max: DAY_MS }),
  /** Past this many bytes in a connection's queue, acks for it wait and are merged. */
  "acks.merge.bytes": integer(256 * KIB, { min: KIB, max: GIB }),

  /** A task that may not be called for want of credit for this long says whose credit it lacks. */
  "backpressure.report.ms": integer(100, { min: 1, max: DAY_MS }),
  /** Whether spouts pause while a task that they can reach is too slow; credit stops them anyhow. */
  "topology.backpressure.spout.pause": flag(true),

  /** How often a stream manager tells the topology master that it lives. */
  "stmgr.heartbeat.ms": integer(1_000, { min: 10, max: DAY_MS }),
  /** A stream manager that was not heard of for this long is taken for dead. */
  "stmgr.timeout.ms": integer(10_000, { min: 100, max: DAY_MS }),
  /** How long the topology master's lease lasts without being renewed. */
  "tm.lease.ms": integer(5_000, { min: 100, max: DAY_MS }),
  /** How often a process hands its metrics to the metrics manager; while they stay the same, each tenth time. */
  "metrics.export.interval.ms": integer(1_000, { min: 10, max: DAY_MS }),
  /** Time a process has to end itself when its supervisor asks, before it is killed. */
  "supervisor.stop.ms": integer(2_000, { min: 10, max: DAY_MS }),
  /**
   * Where containers are on several machines: how long one may be without its scheduler before it
   * ends itself, and its scheduler without it. Under `run` all end at once.
   */
  "supervisor.grace.ms": integer(30_000, { min: 100, max: DAY_MS }),
  /** A process that ended starts again at once; crashes in a row make it wait, up to this long. */
  "supervisor.restart.max.ms": integer(5_000, { min: 1, max: DAY_MS }),
  /** Lives in a row in which a task handles no tuple, after which it is given up. */
  "task.crashes.max": integer(3, { min: 1, max: 1_000_000 }),
  /** Time a run has to drain after Ctrl-C or `--for`. */
  "topology.drain.ms": integer(10_000, { min: 10, max: DAY_MS }),
  /** A cycle that makes no progress for this long with its credit used is stalled. */
  "cycle.stall.ms": integer(10_000, { min: 100, max: DAY_MS }),
  /** How long a spout that emitted nothing waits before it is asked again. */
  "spout.wait.ms": integer(1, { min: 0, max: DAY_MS }),
  /** The longest it waits: a sixteenth of the time since it last emitted, up to this long. */
  "spout.wait.max.ms": integer(100, { min: 0, max: DAY_MS }),

  /** Heron: worker containers. */
  "topology.stmgrs": integer(1, { min: 1, max: 10_000 }),
  /** Heron: how surely each tuple is handled. */
  "topology.reliability.mode": choice<ReliabilityMode>(
    ["ATMOST_ONCE", "ATLEAST_ONCE"],
    ["EFFECTIVELY_ONCE"],
  ),
  /** Heron: a tick tuple each so many milliseconds; 0 means none. */
  "topology.tick.tuple.freq.ms": integer(0, { min: 0, max: DAY_MS }),
  /** Heron: the ceiling of a spout's open tuples, where there are acks. */
  "topology.max.spout.pending": integer(65_536, { min: 1, max: 1 << 24 }),
  /** Heron: a tuple that is not acked within this time has failed. */
  "topology.message.timeout.secs": integer(30, { min: 1, max: DAY_MS / 1000 }),
  /** Heron: whether tuples fail for being late at all. */
  "topology.enable.message.timeouts": flag(true),
  /** Open tuples a spout begins with; what completes lets it have more, up to the ceiling. */
  "spout.pending.start": integer(32, { min: 1, max: 1 << 24 }),
  /** Heron: log each emit. */
  "topology.debug": flag(false),
  /** Heron: the topology's name; empty until it is submitted. */
  "topology.name": text(""),
});

/** A key that the system reads. */
export type ConfigKey = keyof typeof SETTINGS;
