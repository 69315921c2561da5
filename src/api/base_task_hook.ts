/** `ITaskHook` as a base class. */

import type { MaybePromise } from "./maybe_promise.ts";
import type { ITaskHook, TopologyContext } from "./context.ts";
import type { ConfigMap } from "./definition.ts";
import type {
  BoltAckInfo,
  BoltExecuteInfo,
  BoltFailInfo,
  EmitInfo,
  SpoutAckInfo,
  SpoutFailInfo,
} from "./hook_infos.ts";

/** `ITaskHook` as a base class that does nothing, for those who know it from Storm. */
export abstract class BaseTaskHook implements ITaskHook {
  /** Called once, when the component's `open` or `prepare` has returned. */
  prepare?(config: ConfigMap, context: TopologyContext): MaybePromise<void>;
  /** Called at an orderly end, before the component's `close` or `cleanup`. */
  cleanup?(): MaybePromise<void>;
  /** A tuple was emitted. */
  emit?(info: EmitInfo): void;
  /** The spout has heard of an ack. */
  spoutAck?(info: SpoutAckInfo): void;
  /** The spout has heard of a failure. */
  spoutFail?(info: SpoutFailInfo): void;
  /** The bolt has executed a tuple. */
  boltExecute?(info: BoltExecuteInfo): void;
  /** The bolt has acked a tuple. */
  boltAck?(info: BoltAckInfo): void;
  /** The bolt has failed a tuple. */
  boltFail?(info: BoltFailInfo): void;
}
