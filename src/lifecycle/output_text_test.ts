/** Tests of how user output is printed. */

import { create } from "@bufbuild/protobuf";
import { expect, test } from "bun:test";
import { OutputSchema, OutputStream } from "../base/gen/heron_bin/packet_pb.ts";
import { formatOutput, isForStderr } from "./output_text.ts";

const output = create(OutputSchema, {
  component: "count",
  componentIndex: 2,
  task: 5,
  lines: ["the\t7", "", 'a "b"'],
});
const errors = create(OutputSchema, { ...output, stream: OutputStream.STDERR });

test("formatOutput() prefixes each line", () => {
  expect(formatOutput(output, "prefixed")).toBe('count[2] the\t7\ncount[2] \ncount[2] a "b"\n');
});

test("formatOutput() leaves lines bare with plain", () => {
  expect(formatOutput(output, "plain")).toBe('the\t7\n\na "b"\n');
});

test("formatOutput() writes one JSON object a line", () => {
  const lines = formatOutput(errors, "json").trimEnd().split("\n").map((line) => JSON.parse(line));
  expect(lines.length).toBe(3);
  expect(lines[2]).toEqual({
    type: "output",
    component: "count",
    index: 2,
    task: 5,
    stream: "stderr",
    text: 'a "b"',
  });
});

test("isForStderr() keeps the streams apart, but not in JSON", () => {
  expect(isForStderr(output, "plain")).toBe(false);
  expect(isForStderr(errors, "prefixed")).toBe(true);
  expect(isForStderr(errors, "json")).toBe(false);
});
