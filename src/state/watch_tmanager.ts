/** Where the topology master of a topology is, as the state store tells those who look for it. */

import type { TcpAddress } from "../base/wire/mod.ts";
import { readTmanagerLocation } from "../plan/mod.ts";
import { topologyPaths } from "./paths.ts";
import type { StateManager, Watch } from "./state_manager.ts";

/**
 * Calls `onAddress` with the place of the topology master before it resolves, if there is one, then with
 * each later one. A record of another topology of the same name says nothing.
 */
export function watchTmanager(
  state: StateManager,
  { topologyName, topologyId }: { readonly topologyName: string; readonly topologyId: string },
  onAddress: (address: TcpAddress) => void,
): Promise<Watch> {
  return state.watch(topologyPaths(topologyName).tmanager, (record) => {
    if (record === undefined) return;
    const location = readTmanagerLocation(record.bytes);
    if (location.topologyId !== topologyId) return;
    onAddress({ hostname: location.host, port: location.serverPort });
  });
}
