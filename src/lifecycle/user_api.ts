/** What `import … from "heron-bin"` in a bundle means: this binary's own copy of the API. */

import * as api from "../api/mod.ts";

/** Registers the module `heron-bin` in this thread. */
export function registerUserApi(): void {
  Bun.plugin({
    name: "heron-bin",
    setup(build) {
      build.module("heron-bin", () => ({ exports: { ...api }, loader: "object" }));
    },
  });
}
