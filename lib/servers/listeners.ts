import { readProcFile } from "../base/proc_file.ts";
import { allProcesses } from "../process/proc_stat.ts";

/** State LISTEN of a line of /proc/net/tcp (include/net/tcp_states.h). */
const LISTEN = "0A";
/** What 127.0.0.1 reaches, as the kernel writes it: any and loopback, of IPv4, of IPv6, and IPv4 mapped into that. */
const REACHED: ReadonlySet<string> = new Set([
  "00000000",
  "0100007F",
  "0".repeat(32),
  "00000000000000000000000001000000",
  "0000000000000000FFFF00000100007F",
  "0000000000000000FFFF000000000000",
]);

/** Inodes of the sockets that listen on a port of this machine where 127.0.0.1 reaches them. */
export function listeningInodes(port: number): ReadonlySet<string> {
  const texts = ["/proc/self/net/tcp", "/proc/self/net/tcp6"].map((path) => readProcFile(path) ?? "");
  return new Set(texts.flatMap((text) => inodesIn(text, port)));
}

/** Ports of this machine on which these processes listen. */
export function listeningPorts(pids: readonly number[]): number[] {
  const held = new Set(pids.flatMap(socketsOf));
  const texts = ["/proc/self/net/tcp", "/proc/self/net/tcp6"].map((path) => readProcFile(path) ?? "");
  const ports = texts.flatMap(listenersIn).filter(({ inode }) => held.has(inode)).map(({ port }) => port);
  return [...new Set(ports)].sort((one, other) => one - other);
}

/** The inodes of the text of one such file. */
export function inodesIn(text: string, port: number): string[] {
  return listenersIn(text).filter((listener) => listener.port === port).map(({ inode }) => inode);
}

/** What listens where 127.0.0.1 reaches it: `sl local rem st tx:rx tr:when retrnsmt uid timeout inode ...`; see proc(5). */
function listenersIn(text: string): { readonly port: number; readonly inode: string }[] {
  return text.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    const isIt = state === LISTEN && REACHED.has(address);
    return isIt && inode !== undefined ? [{ port: Number.parseInt(port, 16), inode }] : [];
  });
}

/** Inodes of the sockets that a process holds; empty where it is gone, or another user's. */
export function socketsOf(pid: number): string[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/fd`)].flatMap(({ name }) => inodeOf(`/proc/${pid}/fd/${name}`));
  } catch {
    return [];
  }
}

function inodeOf(link: string): string[] {
  try {
    const inode = /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(link))?.[1];
    return inode === undefined ? [] : [inode];
  } catch {
    return [];
  }
}

/**
 * Whose a port is:
 * - nobody's: nothing listens there
 * - ours: every socket that listens there is held by one of these processes
 * - another's: one is not; `pid` is who holds it, null where that cannot be seen
 */
export type PortOwner =
  | { readonly kind: "nobody" | "ours" }
  | { readonly kind: "other"; readonly pid: number | null };

/** Whose the port is, with `pids` for ours. */
export function portOwner(port: number, pids: readonly number[]): PortOwner {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return { kind: "nobody" };
  const held = new Set(pids.flatMap(socketsOf));
  const foreign = [...inodes].find((inode) => !held.has(inode));
  if (foreign === undefined) return { kind: "ours" };
  const holder = [...allProcesses()].find(({ pid }) => socketsOf(pid).includes(foreign));
  return { kind: "other", pid: holder?.pid ?? null };
}
