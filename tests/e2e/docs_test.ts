/**
 * What the pages for topology authors show, done by the compiled binary. Those that need a Slurm are
 * done by tests/slurm.
 */

import { afterAll, beforeAll, test } from "bun:test";
import { readPages } from "../support/docs/pages.ts";
import { PageWorld } from "./page_run.ts";

const PAGE_MS = 300_000;

let world: PageWorld;
beforeAll(async () => {
  world = await PageWorld.create();
});
afterAll(() => world[Symbol.asyncDispose]());

const pages = (await readPages()).filter(({ needsSlurm }) => !needsSlurm);

test.each(pages)("what $path shows is so", (page) => world.show(page), PAGE_MS);
