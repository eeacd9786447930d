import { readProcFile } from "../base/proc_file.ts";
import { allProcesses } from "./proc_stat.ts";

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

const NET_FILES = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

function netTexts(): string[] {
  return NET_FILES.map((path) => readProcFile(path) ?? "");
}

/** Inodes of the sockets that listen on a port of this machine where 127.0.0.1 reaches them. */
export function listeningInodes(port: number): ReadonlySet<string> {
  return new Set(netTexts().flatMap((text) => inodesIn(text, port)));
}

/** Ports of this machine on which these processes listen. */
export function listeningPorts(pids: readonly number[]): number[] {
  const held = new Set(pids.flatMap(socketsOf));
  const ports = netTexts().flatMap((text) => listenersIn(text, isReached)).filter(({ inode }) =>
    held.has(inode)
  );
  return [...new Set(ports.map(({ port }) => port))].sort((one, other) => one - other);
}

/**
 * The inodes in the text of one such file. `reaches` says of an address, as the kernel writes it, whether it counts.
 */
export function inodesIn(
  text: string,
  port: number,
  reaches: (address: string) => boolean = isReached,
): string[] {
  return listenersIn(text, reaches).filter((listener) => listener.port === port).map(({ inode }) => inode);
}

function isReached(address: string): boolean {
  return REACHED.has(address);
}

/** What listens: `sl local rem st tx:rx tr:when retrnsmt uid timeout inode ...`; see proc(5). */
function listenersIn(
  text: string,
  reaches: (address: string) => boolean,
): { readonly port: number; readonly inode: string }[] {
  return text.split("\n").flatMap((line) => {
    const [, local = "", , state, , , , , , inode] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    const isIt = state === LISTEN && reaches(address);
    return isIt && inode !== undefined ? [{ port: Number.parseInt(port, 16), inode }] : [];
  });
}

/** Inodes of the sockets that a process holds; empty where it is gone, or another user's. */
function socketsOf(pid: number): string[] {
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

/** A process that holds a listening socket. */
export interface PortHolder {
  readonly pid: number;
  readonly name: string | null;
}

/** The processes that hold sockets listening on a port of this machine, whatever address they listen at. */
export interface PortHolders {
  /** True where something listens there. */
  readonly listens: boolean;
  /** Those that can be seen; none where they are other users' or in a container of their own. */
  readonly seen: readonly PortHolder[];
}

/** Who listens on a port, at any address of this machine. The first time it looks at every process. */
export function portHolders(port: number): PortHolders {
  const inodes = new Set(netTexts().flatMap((text) => inodesIn(text, port, () => true)));
  if (inodes.size === 0) return { listens: false, seen: [] };
  const holding = (pids: Iterable<number>): Holding[] =>
    [...pids].map((pid) => ({ pid, held: socketsOf(pid).filter((inode) => inodes.has(inode)) }))
      .filter(({ held }) => held.length > 0);
  const before = holding(lastHolders.get(port) ?? []);
  const isAll = new Set(before.flatMap(({ held }) => held)).size === inodes.size;
  const found = isAll ? before : holding([...allProcesses()].map(({ pid }) => pid));
  lastHolders.set(port, found.map(({ pid }) => pid));
  const seen = found.map(({ pid }) => ({ pid, name: readProcFile(`/proc/${pid}/comm`)?.trim() ?? null }));
  return { listens: true, seen };
}

interface Holding {
  readonly pid: number;
  readonly held: readonly string[];
}

/** Who held a port when it was last looked for: as long as they hold all of it nobody else has to be looked at. */
const lastHolders = new Map<number, readonly number[]>();
