/** What a loss notice says, as the two threads of an instance need it. */

import { fromBinary } from "@bufbuild/protobuf";
import { LossNoticeSchema } from "../../base/gen/heron_bin/packet_pb.ts";

/** What was lost. */
export type Lost =
  | { readonly kind: "task"; readonly id: number; readonly settled: boolean; readonly task: number }
  | {
    readonly kind: "link";
    readonly id: number;
    readonly settled: boolean;
    readonly first: string;
    readonly second: string;
  };

/** Reads the body of a LossNotice. */
export function readLost(bytes: Uint8Array, start: number, end: number): Lost {
  const { id, settled, lost } = fromBinary(LossNoticeSchema, bytes.subarray(start, end));
  if (lost.case === "task") return { kind: "task", id, settled, task: lost.value };
  const link = lost.case === "link" ? lost.value : undefined;
  return {
    kind: "link",
    id,
    settled,
    first: link?.firstStmgr ?? "",
    second: link?.secondStmgr ?? "",
  };
}

/** Whether a channel to `task`, from stream manager `here` to `there`, leads to or over what was lost. */
export function leadsTo(
  lost: Lost,
  { task, here, there }: { readonly task: number; readonly here: string; readonly there: string },
): boolean {
  if (lost.kind === "task") return lost.task === task;
  return (lost.first === here && lost.second === there) ||
    (lost.first === there && lost.second === here);
}
