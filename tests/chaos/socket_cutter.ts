/**
 * Cuts connections between other processes: takes a duplicate of one end's descriptor and shuts
 * it down, so that both ends see it end. Linux, and for root only.
 */

import { dlopen, FFIType } from "bun:ffi";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const SYSCALL_PIDFD_OPEN = 434;
const SYSCALL_PIDFD_GETFD = 438;
const SHUT_BOTH = 2;
/** The state ESTABLISHED in the kernel's table of TCP. */
const TCP_ESTABLISHED = "01";
/** The state CONNECTED in the kernel's table of unix sockets. */
const UNIX_CONNECTED = "03";

/** A connected socket of a process. */
export interface ConnectedSocket {
  readonly pid: number;
  readonly descriptor: number;
  /** For TCP the two ports, for a unix socket the path that its listener has. */
  readonly address: { readonly local: number; readonly remote: number } | { readonly unix: string };
}

/** Whether sockets of other processes may be cut here. */
export function mayCut(): boolean {
  return process.platform === "linux" && process.getuid?.() === 0;
}

/** The connected TCP sockets of a process, and the unix ones that it accepted. */
export function connectedSockets(pid: number): ConnectedSocket[] {
  const addresses = new Map<string, ConnectedSocket["address"]>();
  for (const line of linesOf(`/proc/${pid}/net/tcp`)) {
    const fields = line.trim().split(/\s+/);
    if (fields[3] !== TCP_ESTABLISHED) continue;
    addresses.set(fields[9] ?? "", { local: portOf(fields[1]), remote: portOf(fields[2]) });
  }
  for (const line of linesOf(`/proc/${pid}/net/unix`)) {
    const fields = line.trim().split(/\s+/);
    const [state, inode, path] = [fields[5], fields[6], fields[7]];
    if (state === UNIX_CONNECTED && inode !== undefined && path !== undefined) {
      addresses.set(inode, { unix: path });
    }
  }
  return socketsOf(pid).flatMap(({ descriptor, inode }) => {
    const address = addresses.get(inode);
    return address === undefined ? [] : [{ pid, descriptor, address }];
  });
}

/** Cuts a connection; says whether it was there. */
export function cut({ pid, descriptor }: ConnectedSocket): boolean {
  const { symbols, close } = dlopen("libc.so.6", {
    // Variadic in C; whole numbers are passed the same way.
    syscall: { args: [FFIType.i64, FFIType.i64, FFIType.i64, FFIType.i64], returns: FFIType.i64 },
    shutdown: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
    close: { args: [FFIType.i32], returns: FFIType.i32 },
  });
  try {
    const handle = Number(symbols.syscall(SYSCALL_PIDFD_OPEN, pid, 0, 0));
    if (handle < 0) return false;
    const copy = Number(symbols.syscall(SYSCALL_PIDFD_GETFD, handle, descriptor, 0));
    symbols.close(handle);
    if (copy < 0) return false;
    const isCut = symbols.shutdown(copy, SHUT_BOTH) === 0;
    symbols.close(copy);
    return isCut;
  } finally {
    close();
  }
}

function socketsOf(pid: number): { readonly descriptor: number; readonly inode: string }[] {
  const folder = `/proc/${pid}/fd`;
  return namesIn(folder).flatMap((name) => {
    const inode = /^socket:\[(\d+)\]$/.exec(targetOf(`${folder}/${name}`))?.[1];
    return inode === undefined ? [] : [{ descriptor: Number(name), inode }];
  });
}

/** `0100007F:1F90`: the port behind the address, in hexadecimal. */
function portOf(field: string | undefined): number {
  return parseInt(field?.split(":")[1] ?? "", 16);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // The process has ended.
    return [];
  }
}

function targetOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // It was closed meanwhile.
    return "";
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "latin1").split("\n").slice(1);
  } catch {
    // The process has ended.
    return [];
  }
}
