/**
 * An uploader: keeps the packages of topologies where their nodes can read them. What is in a package is
 * not its business.
 */

/** Keeps packages. */
export interface Uploader {
  /**
   * Keeps a package under `name`, a file name. Whoever reads sees all of it or none.
   * @returns where it is
   * @throws HeronError `already_exists` when there is one of that name; `io` and the like
   */
  upload(name: string, bytes: Uint8Array): Promise<string>;

  /**
   * The package at `uri`.
   * @throws HeronError `not_found`; `usage` when it is no place of this uploader's
   */
  download(uri: string): Promise<Uint8Array>;

  /**
   * Removes the package at `uri`. Idempotent: false, when there was none.
   * @throws HeronError `usage` when it is no place of this uploader's
   */
  remove(uri: string): Promise<boolean>;
}
