/** Whether a folder can be seen by other machines, as far as the kind of its file system tells. */

import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

/** Linux's numbers of file systems whose disk is one machine's; that of a server may be shared all the same. */
const OF_ONE_MACHINE: ReadonlyMap<number, string> = new Map([
  [0xef53, "ext4"],
  [0x58465342, "xfs"],
  [0x9123683e, "btrfs"],
  [0x01021994, "tmpfs"],
  [0x794c7630, "overlayfs"],
  [0x2fc12fc1, "zfs"],
]);

/**
 * The kind of the file system that `folder` is on, or would be, when it is one of a single machine; undefined
 * when it is not, or is not known.
 */
export async function fileSystemOfOneMachine(folder: string): Promise<string | undefined> {
  for (let path = folder;; path = dirname(path)) {
    const found = await statfs(path).catch(() => undefined);
    if (found !== undefined) return OF_ONE_MACHINE.get(found.type);
    if (path === dirname(path)) return undefined;
  }
}
