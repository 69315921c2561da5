/** The pages whose blocks are run, and the folder in which the files of one lie. */

import { cp, mkdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { createTopologyFolder } from "../../../src/lifecycle/mod.ts";
import { ROOT } from "../repository.ts";
import { patched, type Step, stepsOf } from "./page_steps.ts";

/** A page, and what its blocks come to. */
export interface Page {
  /** Path in the repository. */
  readonly path: string;
  readonly text: string;
  readonly steps: readonly Step[];
  /** Its commands are those of a cluster with Slurm. */
  readonly needsSlurm: boolean;
}

const OF_SLURM = "docs/slurm.md";

/** All pages: README.md and those of docs/. @throws Error for a block that has no rule */
export async function readPages(): Promise<readonly Page[]> {
  const paths = ["README.md", ...new Bun.Glob("docs/*.md").scanSync({ cwd: ROOT })].sort();
  return await Promise.all(paths.map(async (path) => {
    const text = await Bun.file(join(ROOT, path)).text();
    const steps = stepsOf(text, basename(path));
    return { path, text, steps, needsSlurm: path === OF_SLURM };
  }));
}

/** The folder of a page, as its commands change it. */
export class PageFolder {
  /** Where the next commands run. */
  current: string;

  constructor(root: string) {
    this.current = root;
  }

  /** The whole path of a file of the folder. */
  pathOf(path: string): string {
    return join(this.current, path);
  }

  /** Does what a step says of files. */
  async apply(step: Step): Promise<void> {
    switch (step.type) {
      case "file":
        return await this.#write(step.path, step.text);
      case "diff": {
        const text = await Bun.file(this.pathOf(step.path)).text();
        return await this.#write(step.path, patched(text, step.text));
      }
      case "copy":
        return await cp(join(ROOT, step.path), this.pathOf(basename(step.path)), {
          recursive: true,
        });
      case "shell":
        return;
    }
  }

  async #write(path: string, text: string): Promise<void> {
    await mkdir(dirname(this.pathOf(path)), { recursive: true });
    await writeFile(this.pathOf(path), text);
  }

  /** Follows the commands that make and change folders, without running any. */
  async follow(commands: string): Promise<void> {
    for (const line of commands.split("\n")) {
      const [, name] = /^heron-bin init ([\w-]+)/.exec(line) ?? [];
      if (name !== undefined) {
        await createTopologyFolder({ name, parent: this.current, files: await templateFiles() });
      }
      const [, to] = /^cd (\S+)/.exec(line) ?? [];
      if (to !== undefined) this.current = this.pathOf(to);
    }
  }
}

/** What `heron-bin init` writes, but for the declarations. */
async function templateFiles(): Promise<Record<string, string>> {
  const folder = join(ROOT, "scripts/template");
  const files: Record<string, string> = {};
  for (const path of new Bun.Glob("**/*").scanSync(folder)) {
    // The compiler takes the options of the folder around it.
    if (!path.endsWith(".json")) files[path] = await Bun.file(join(folder, path)).text();
  }
  return files;
}
