/** The exit codes of heron-bin, as help shows them. */

import { ERROR_CODES, HeronError } from "../src/base/mod.ts";

const MEANINGS: Readonly<Record<number, string>> = Object.freeze({
  0: "it did what was asked; a run has ended, by itself, by --for or by Ctrl-C",
  1: "a test failed, or could not be loaded",
  2: "the command line or the configuration is wrong",
  3: "the topology is wrong: it cannot be bundled or built, or is not the same each time",
  4: "user code failed for good, or once where its tuples do not come again (at most once)",
  5: "something outside failed, or is not there: files, topologies, network, time-outs, limits",
  6: "a process of the topology died again and again, or the topology stalled",
  70: "a defect of heron-bin itself",
  130: "the user interrupted it before it could end by itself",
});

/** One line for each of `codes`, or for all there are. */
export function describeExitCodes(codes?: readonly number[]): string {
  const shown = Object.entries(MEANINGS).filter(([code]) => codes?.includes(Number(code)) ?? true);
  return shown.map(([code, meaning]) => `  ${code.padStart(3)}  ${meaning}\n`).join("");
}

/** All exit codes, with the error codes that lead to each. */
export function exitCodesHelp(): string {
  const lines = Object.entries(MEANINGS).map(([code, meaning]) => {
    const errors = ERROR_CODES.filter((error) =>
      new HeronError(error, "").exitCode === Number(code)
    );
    const list = errors.length === 0 ? "" : `       (${errors.join(", ")})\n`;
    return `  ${code.padStart(3)}  ${meaning}\n${list}`;
  });
  return `Exit codes of heron-bin:\n\n${lines.join("")}`;
}
