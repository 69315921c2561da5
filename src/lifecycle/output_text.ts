/** Lines of user code as `run` prints them: prefixed, bare or as JSON. Pure. */

import { type Output, OutputStream } from "../base/gen/heron_bin/packet_pb.ts";

/** How user output is printed. */
export type OutputForm = "prefixed" | "plain" | "json";

/** Whether the lines go to standard error; in JSON everything goes to standard output. */
export function isForStderr(output: Output, form: OutputForm): boolean {
  return form !== "json" && output.stream === OutputStream.STDERR;
}

/** All lines of `output` with their line ends. */
export function formatOutput(output: Output, form: OutputForm): string {
  let text = "";
  switch (form) {
    case "plain":
      for (const line of output.lines) text += `${line}\n`;
      return text;
    case "prefixed": {
      const prefix = `${output.component}[${output.componentIndex}] `;
      for (const line of output.lines) text += `${prefix}${line}\n`;
      return text;
    }
    case "json":
      for (const line of output.lines) text += `${JSON.stringify(lineToJson(output, line))}\n`;
      return text;
  }
}

function lineToJson(output: Output, line: string): Record<string, unknown> {
  return {
    type: "output",
    component: output.component,
    index: output.componentIndex,
    task: output.task,
    stream: output.stream === OutputStream.STDERR ? "stderr" : "stdout",
    text: line,
  };
}
