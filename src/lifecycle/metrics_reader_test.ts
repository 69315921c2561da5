/** A reader of metrics over real sockets, with a master that answers, falls silent, and goes. */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { HandlerLog, openMaster, until, WIRE } from "../../tests/support/wire.ts";
import { MetricsAnswerSchema, Role } from "../base/gen/heron_bin/packet_pb.ts";
import { ManualClock, nextTurn, systemRandom } from "../base/mod.ts";
import { MemoryState, openMemory } from "../state/mod.ts";
import { MetricsReader } from "./metrics_reader.ts";

test("MetricsReader asks the master that the state store tells, and is answered or not", async () => {
  const tree = new MemoryState();
  const clock = new ManualClock();
  const log = new HandlerLog();
  const master = await openMaster(tree, log);
  const { secret, topologyId } = WIRE;
  const reader = new MetricsReader({
    id: "run 7",
    state: openMemory(tree),
    topologyName: "two",
    topologyId,
    secret,
    clock,
    random: systemRandom(),
  });
  expect(await reader.ask({})).toBeUndefined();
  await reader.start();
  await until(() => log.events.includes("open run 7"));
  expect(log.connections[0]?.peer.role).toBe(Role.CLI);
  log.answer = (connection, { requestId }) => {
    const value = create(MetricsAnswerSchema, { names: ["a"] });
    connection.respond(requestId, { case: "metricsAnswer", value });
  };
  let answer = await reader.ask({});
  // The hello may be done on the other side first.
  for (; answer === undefined; answer = await reader.ask({})) await nextTurn();
  expect(answer).toMatchObject({ names: ["a"] });
  log.answer = () => {};
  const silent = reader.ask({});
  await until(() => log.events.filter((event) => event === "packet metricsRequest").length === 2);
  await clock.advance(2000);
  expect(await silent).toBeUndefined();
  reader.close();
  await until(() => log.events.some((event) => event.startsWith("close")));
  await master.close();
});
