/** A name for what belongs to a topology file, before the topology has told its own. */

import { basename } from "node:path";

const NAME_LENGTH_MAX = 64;

/** The name of `file` without `.ts`, with only letters, digits, `_`, `-` and `.` left. */
export function fileStemOf(file: string): string {
  const stem = basename(file).replace(/\.[cm]?[jt]sx?$/, "");
  const clean = stem.normalize("NFKD").replace(/[^A-Za-z0-9_.-]+/g, "_").replace(
    /^[._-]+|[._-]+$/g,
    "",
  );
  return clean.slice(0, NAME_LENGTH_MAX) || "topology";
}
