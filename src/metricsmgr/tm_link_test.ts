/** A metrics manager's link over real sockets, with masters that come and go. */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { HandlerLog, openMaster, until, WIRE } from "../../tests/support/wire.ts";
import { systemConfigFrom } from "../base/config/mod.ts";
import { MetricPublisherSchema } from "../base/gen/heron/metrics_pb.ts";
import { Role } from "../base/gen/heron_bin/packet_pb.ts";
import { silentLogger, systemClock, systemRandom } from "../base/mod.ts";
import { MemoryState, openMemory } from "../state/mod.ts";
import { Intake } from "./intake.ts";
import { TmForwarder } from "./tm_forwarder.ts";
import { TmLink } from "./tm_link.ts";

test("TmLink tells each master that comes all there is to know", async () => {
  const tree = new MemoryState();
  const intake = new Intake();
  const forwarder = new TmForwarder(intake, systemClock);
  const publisher = create(MetricPublisherSchema, { componentName: "word", instanceId: "w1" });
  const metrics = [{ name: "mine", value: "7" }];
  forwarder.note(intake.publish(intake.register(publisher), { metrics, exceptions: [] }, 5));
  const told: unknown[] = [];
  const log = new HandlerLog();
  log.answer = (_connection, { body }) => void told.push(body);
  const { secret, topologyId } = WIRE;
  const self = { role: Role.METRICSMGR, id: "metricsmgr-1" };
  const link = new TmLink({
    forwarder,
    state: openMemory(tree),
    topologyName: "two",
    wire: { self, topologyId, secret, clock: systemClock },
    config: systemConfigFrom({ "net.reconnect.max.ms": 20 }),
    intervalMs: 5,
    clock: systemClock,
    random: systemRandom(),
    logger: silentLogger,
  });
  await link.start();
  const news = {
    case: "forwardMetrics",
    value: { names: ["mine"], sources: [{ component: "word", instance: "w1", values: [7] }] },
  };
  const first = await openMaster(tree, log);
  await until(() => told.length > 0, "the first telling");
  await first.close();
  const second = await openMaster(tree, log);
  await until(() => told.length > 1, "the second telling");
  expect(told).toMatchObject([news, news]);
  link.close();
  await until(() => log.events.filter((event) => event.startsWith("close")).length === 2);
  await second.close();
});
