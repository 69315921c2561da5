/** The version of this binary. Imports nothing but a constant, so that printing it is quick. */

import { version } from "../package.json" with { type: "json" };

/** Version of heron-bin, as in package.json. */
export const VERSION: string = version;
