/**
 * Where one listens or connects: a TCP host and port, or a unix socket.
 * Looking addresses up is the roles' business.
 */

/** A TCP address; port 0 lets the kernel pick one when listening. */
export interface TcpAddress {
  readonly hostname: string;
  readonly port: number;
}

/** A unix socket, by its path. */
export interface UnixAddress {
  readonly unix: string;
}

/** An address of either kind. */
export type Address = TcpAddress | UnixAddress;

/** The address as people read it: `host:port`, `[v6]:port` or `unix:/path`. */
export function formatAddress(address: Address): string {
  if ("unix" in address) return `unix:${address.unix}`;
  const { hostname, port } = address;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}

/** What a socket says of its other side; nothing when that was gone before it was accepted. */
export interface RemoteSide {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
}

/** Who connected to `listening`, as people read it. */
export function formatRemote(listening: Address, remote: RemoteSide): string {
  if ("unix" in listening) return formatAddress(listening);
  const { remoteAddress: hostname, remotePort: port } = remote;
  if (hostname === undefined || port === undefined) return "somebody who has gone";
  return formatAddress({ hostname, port });
}
