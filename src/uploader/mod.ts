/** Door of `uploader`: where the packages of submitted topologies are kept; the members are for who wires. */

export { createLocalFsUploader } from "./local_fs.ts";
export type { Uploader } from "./uploader.ts";
