/**
 * Asks the topology master of a topology for its metrics: finds it in the
 * state store, keeps an authenticated connection, and asks. It changes nothing there.
 */

import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type MetricsAnswer,
  type MetricsRequestSchema,
  Role,
} from "../base/gen/heron_bin/packet_pb.ts";
import { type Clock, HeronError, type Random } from "../base/mod.ts";
import { keepConnected, type ManagedClient, type TcpAddress } from "../base/wire/mod.ts";
import { type StateManager, watchTmanager } from "../state/mod.ts";

/** What is asked of the topology master. */
export type MetricsQuestion = MessageInitShape<typeof MetricsRequestSchema>;

/** Options of `MetricsReader`. */
export interface MetricsReaderOptions {
  /** The reader's name on its connection: one of its own. */
  readonly id: string;
  readonly state: StateManager;
  readonly topologyName: string;
  readonly topologyId: string;
  readonly secret: Uint8Array;
  readonly clock: Clock;
  readonly random: Random;
}

const REQUEST_MS = 2000;

/** Reads the metrics of one topology. */
export class MetricsReader {
  readonly #options: MetricsReaderOptions;
  #address: TcpAddress | undefined;
  #client: ManagedClient | undefined;

  /** Nothing is connected before `start`. */
  constructor(options: MetricsReaderOptions) {
    this.#options = options;
  }

  /** Watches for the topology master and keeps a connection to it. */
  async start(): Promise<void> {
    const { id, state, topologyName, topologyId, secret, clock, random } = this.#options;
    await watchTmanager(state, { topologyName, topologyId }, (address) => {
      this.#address = address;
    });
    this.#client = keepConnected({
      self: { role: Role.CLI, id },
      to: { role: Role.TM, id: "tm" },
      topologyId,
      secret,
      clock,
      random,
      address: () => this.#address,
      handlers: {
        onOpen: () => {},
        onPacket: (connection) => connection.close("The topology master is not asked to tell"),
        onClose: () => {},
      },
    });
  }

  /** The answer of the topology master; undefined while there is none or it does not answer. */
  async ask(question: MetricsQuestion): Promise<MetricsAnswer | undefined> {
    const connection = this.#client?.connection;
    if (connection === undefined) return undefined;
    try {
      const packet = { body: { case: "metricsRequest", value: question } } as const;
      const { body } = await connection.request(packet, REQUEST_MS);
      if (body.case === "metricsAnswer") return body.value;
      connection.close("That is no answer to a request for metrics");
    } catch (thrown) {
      // One that is gone, or too slow, is asked again the next time.
      const { code } = HeronError.from(thrown);
      if (code !== "timeout" && code !== "unavailable") throw thrown;
    }
    return undefined;
  }

  /** Closes the connection. */
  close(): void {
    this.#client?.close("The reader is done");
  }
}
