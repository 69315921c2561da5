/**
 * Keeps an answer within the longest packet. What it holds is sized from above, without
 * encoding it: exceptions are left out first, then groups, and of very many names the last.
 */

import { create } from "@bufbuild/protobuf";
import {
  type InstanceException,
  type MetricGroup,
  MetricGroupSchema,
  type MetricsAnswer,
  MetricsAnswerSchema,
} from "../base/gen/heron_bin/packet_pb.ts";

/** Field number and length of a text, a message or packed numbers. */
const HEAD_BYTES = 8;
/** A name's number, a count, a sum and a rate. */
const COLUMN_BYTES = 5 + 5 + 8 + 8;
const GROUP_BYTES = 10 * HEAD_BYTES;
const EXCEPTION_BYTES = 4 * HEAD_BYTES;
/** What the packet has besides the answer. */
const PACKET_BYTES = 4 * HEAD_BYTES;
/** Of the room, what names may take when there is not enough. */
const NAMES_SHARE = 0.25;

/** `answer` as far as a packet of `bytesMax` bytes has room for it; one that is cut says so. */
export function boundAnswer(answer: MetricsAnswer, bytesMax: number): MetricsAnswer {
  const room = bytesMax - PACKET_BYTES;
  const { names, groups, exceptions } = answer;
  const whole = bytesOf(names, nameBytes) + bytesOf(groups, groupBytes) +
    bytesOf(exceptions, exceptionBytes);
  if (whole <= room) return answer;
  const namesKept = fitting(names, room * NAMES_SHARE, nameBytes);
  const columns = namesKept.length === names.length
    ? groups
    : groups.map((group) => withoutNames(group, namesKept.length));
  const groupsRoom = room - bytesOf(namesKept, nameBytes);
  const groupsKept = fitting(columns, groupsRoom, groupBytes);
  const exceptionsRoom = groupsRoom - bytesOf(groupsKept, groupBytes);
  return create(MetricsAnswerSchema, {
    names: namesKept,
    groups: groupsKept,
    exceptions: fitting(exceptions, exceptionsRoom, exceptionBytes),
    truncated: true,
  });
}

/** The first of `parts` that have room. */
function fitting<Part>(parts: readonly Part[], room: number, size: (part: Part) => number): Part[] {
  let left = room;
  const end = parts.findIndex((part) => (left -= size(part)) < 0);
  return end < 0 ? [...parts] : parts.slice(0, end);
}

function bytesOf<Part>(parts: readonly Part[], size: (part: Part) => number): number {
  return parts.reduce((sum, part) => sum + size(part), 0);
}

/** `group` with the metrics alone whose name is one of the first `namesMax`. */
function withoutNames(group: MetricGroup, namesMax: number): MetricGroup {
  const kept = <Value>(values: readonly Value[]) =>
    values.filter((_, at) => (group.names[at] ?? namesMax) < namesMax);
  const { counts, sums, perSecond } = group;
  return create(MetricGroupSchema, {
    ...group,
    names: kept(group.names),
    counts: kept(counts),
    sums: kept(sums),
    perSecond: kept(perSecond),
  });
}

function nameBytes(name: string): number {
  return HEAD_BYTES + Buffer.byteLength(name);
}

function groupBytes({ component, instance, names }: MetricGroup): number {
  return GROUP_BYTES + nameBytes(component) + nameBytes(instance) + names.length * COLUMN_BYTES;
}

function exceptionBytes({ component, instance, exception }: InstanceException): number {
  const { stacktrace = "", firsttime = "", lasttime = "", logging = "" } = exception ?? {};
  return [component, instance, stacktrace, firsttime, lasttime, logging].reduce(
    (sum, text) => sum + nameBytes(text),
    EXCEPTION_BYTES,
  );
}
