/**
 * `bun run demo`: from a fresh clone to a word count. Installs, builds, and
 * runs the example; stdout has its result and nothing else.
 */

import { BUN, INSTALL, show, showAll } from "./tool_chain.ts";

await showAll([INSTALL, [BUN, "scripts/build.ts"]]);
const run = ["dist/heron-bin", "run", "--plain", "examples/word_count.ts"];
process.exit(await show(run, { stdout: "inherit" }));
