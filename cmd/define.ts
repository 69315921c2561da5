/**
 * `heron-bin define`, internal: the child process in which a topology is built.
 * Reads its request from standard input and answers on descriptor 3; standard
 * input stays open and is its life line.
 */

import { readSync, writeSync } from "node:fs";
import {
  answerOfThrown,
  type DefineAnswer,
  type DefineRequest,
  evaluateDefinition,
} from "../src/lifecycle/mod.ts";

const ANSWER_DESCRIPTOR = 3;

/** Builds the topology that the request on standard input names. */
export async function defineCommand(): Promise<number> {
  // The watch reads the same pipe: started before, it could take the request away.
  const request = readRequest();
  await startWatch();
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (thrown: unknown) => {
      writeAnswer(answerOfThrown(thrown));
      process.exit(0);
    });
  }
  writeAnswer(await evaluateDefinition(request));
  return 0;
}

// User code may block this thread for ever: another one watches the life line.
function startWatch(): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const watch = new Worker(Bun.main, { argv: ["define"] });
  watch.onmessage = () => {
    // User code that waits for nothing is not kept alive by it.
    watch.unref();
    resolve();
  };
  watch.onerror = ({ message }) =>
    reject(new Error(`The watch of the life line ended: ${message}`));
  return promise;
}

// One line; what follows it is left to the watch.
function readRequest(): DefineRequest {
  const parts: Uint8Array[] = [];
  for (;;) {
    const chunk = new Uint8Array(64 * 1024);
    const count = readSync(0, chunk);
    parts.push(chunk.subarray(0, count));
    if (count === 0 || chunk[count - 1] === 0x0a) break;
  }
  // The parent process is this same binary.
  return JSON.parse(Buffer.concat(parts).toString("utf8")) as DefineRequest;
}

function writeAnswer(answer: DefineAnswer): void {
  const bytes = new TextEncoder().encode(JSON.stringify(answer));
  for (let at = 0; at < bytes.length;) at += writeSync(ANSWER_DESCRIPTOR, bytes, at);
}
