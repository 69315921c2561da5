/**
 * Listens on a unix socket whose path an earlier life may still have: that one
 * may have died without removing it, may be stopped and listen, may end late and
 * remove its own.
 */

import { rename } from "node:fs/promises";
import { HeronError } from "../base/mod.ts";
import { listen, type ListenOptions, type Server } from "../base/wire/mod.ts";

/**
 * Listens on `path`, from now on in the place of whoever did before.
 * @throws HeronError `unavailable` when it cannot
 */
export async function listenInPlace(
  path: string,
  options: Omit<ListenOptions, "address">,
): Promise<Server> {
  // A name of its own until it listens, then moved: nobody finds the path without a listener, and a
  // server removes only the name that it made.
  const unplaced = `${path}.new`;
  const server = await listen({ ...options, address: { unix: unplaced } });
  try {
    await rename(unplaced, path);
  } catch (thrown) {
    await server.close();
    throw HeronError.from(thrown, `Listen on "${path}"`);
  }
  return server;
}
