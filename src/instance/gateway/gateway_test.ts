import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { join } from "node:path";
import { PlanUpdateSchema, Role } from "../../base/gen/heron_bin/packet_pb.ts";
import { seededRandom, silentLogger, systemClock } from "../../base/mod.ts";
import { systemConfigFrom } from "../../base/config/mod.ts";
import { type Connection, createParty, listen } from "../../base/wire/mod.ts";
import { logicalPlanFromProto, packedInstances, readJob } from "../../plan/mod.ts";
import { Doorbell } from "../../tuples/mod.ts";
import { createJobFolder, SPOUT } from "../../../tests/support/job_folder.ts";
import { HandlerLog, until } from "../../../tests/support/wire.ts";
import { allocateTask, type ExecutorSide, type GatewaySide } from "../bridge.ts";
import { Gateway } from "./gateway.ts";

/** An executor that only notes what it is told, and closes when it is asked to. */
class NotingExecutor implements ExecutorSide {
  readonly told: string[] = [];
  readonly dataIn = { put: () => true };
  readonly dataOut = {
    isEmpty: true,
    bytes: new Uint8Array(0),
    start: 0,
    end: 0,
    take: () => false,
    release: () => {},
  };
  readonly bell = new Doorbell(new Int32Array(new SharedArrayBuffer(Doorbell.bytes)));
  readonly workDone = 0;
  #gateway: GatewaySide | undefined;

  start(gateway: GatewaySide): void {
    this.#gateway = gateway;
  }

  post({ kind }: Parameters<ExecutorSide["post"]>[0]): void {
    this.told.push(kind);
    if (kind === "close") this.#gateway?.take({ kind: "closed" });
  }
}

test("Gateway tells of an earlier end before a plan that came right behind the answer", async () => {
  await using folder = await createJobFolder();
  const job = await readJob(folder.jobFile);
  const [task] = packedInstances(job, 1) ?? [];
  if (task === undefined) throw new TypeError("Find the first task: not in the job");
  const { components } = logicalPlanFromProto(job.topology);
  const component = components.find(({ name }) => name === task.component);
  if (component === undefined) throw new TypeError(`Find "${task.component}": not in the job`);
  const plan = (addressVersion: number) =>
    create(PlanUpdateSchema, { planVersion: 1, addressVersion });
  const stmgr = new HandlerLog();
  stmgr.answer = (connection: Connection, { requestId }) => {
    connection.respond(requestId, {
      case: "instanceRegistered",
      value: { ended: true, plan: plan(1) },
    });
    connection.send({ body: { case: "planUpdate", value: plan(2) } });
  };
  const stmgrSocket = join(folder.path, "sockets", "stmgr-1.sock");
  const server = await listen({
    address: { unix: stmgrSocket },
    self: { role: Role.STMGR, id: "stmgr-1" },
    topologyId: folder.topologyId,
    secret: folder.secret,
    clock: systemClock,
    handlers: stmgr,
  });
  const life = { epoch: 1, counter: 2 };
  const executor = new NotingExecutor();
  const gateway = new Gateway({
    files: {
      job,
      secret: folder.secret,
      // A thread has one log; this one belongs to whatever test opens it.
      log: { logger: silentLogger, close: () => Promise.resolve() },
    },
    task,
    component,
    mergedConfig: {},
    container: 1,
    life,
    party: createParty({ role: Role.INSTANCE, id: SPOUT, incarnation: life }),
    config: systemConfigFrom({}),
    memory: allocateTask({ largestTaskId: 2, slots: 0 }),
    executor,
    clock: systemClock,
    random: seededRandom(1),
    logger: silentLogger,
    lifeLine: {
      send: () => {},
      deliver: () => Promise.resolve(),
      started: () => {},
      progressed: () => {},
    },
    stmgrSocket,
    exit: (code) => {
      throw new RangeError(`Exit with ${code}`);
    },
  });
  await until(() => executor.told.includes("plan"), "a plan");
  await until(() => executor.told.filter((kind) => kind === "plan").length === 2, "both plans");
  expect(executor.told.slice(0, 3)).toEqual(["endedBefore", "plan", "plan"]);
  await gateway.stop();
  await server.close();
});
