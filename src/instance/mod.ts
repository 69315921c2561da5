/** Door of `instance`: the instance role, and its cores for the simulator. */

export { Executor, type ExecutorOptions } from "./executor/executor.ts";
export { RingSink } from "./executor/ring_sink.ts";
export { TaskCore, type TurnResult } from "./executor/task_core.ts";
export type { TaskOptions, TaskPorts } from "./executor/task_ports.ts";
export { FatalUserError, type TaskTotals } from "./executor/work.ts";
export { GatewayCore, type GatewayOptions } from "./gateway/gateway_core.ts";
export { type InstanceOptions, runInstance } from "./instance.ts";
