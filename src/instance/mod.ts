/** Door of `instance`: the instance role, and its cores for the simulator. */

export type { RecordReader, RecordWriter } from "./bridge.ts";
export { DirectIntake } from "./executor/direct_intake.ts";
export { type DrainedSink, Executor, type ExecutorOptions } from "./executor/executor.ts";
export { LinkSink } from "./executor/link_sink.ts";
export { RingSink } from "./executor/ring_sink.ts";
export { TaskCore } from "./executor/task_core.ts";
export type { TaskOptions, TaskPorts } from "./executor/task_ports.ts";
export { FatalUserError, type TaskTotals } from "./executor/work.ts";
export { GatewayCore, type GatewayOptions } from "./gateway/gateway_core.ts";
export { type InstanceOptions, runInstance } from "./instance.ts";
