/**
 * `bun run generate`: writes src/base/gen anew from proto/.
 * See generated.ts for how, and for the check that it was done.
 */

import { generateInto } from "./generated.ts";
import { ROOT } from "./tool_chain.ts";

await generateInto(ROOT);
