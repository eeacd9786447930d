/** Local ports for connections to one server: the kernel gives each connection one of a range, and keeps it for a minute after. */
import { readProcFile } from "../../../../lib/base/proc_file.ts";

const RANGE = "/proc/sys/net/ipv4/ip_local_port_range";
/** Of this process's network namespace. */
const TABLES = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];
/** TCP_TIME_WAIT and TCP_LISTEN (include/net/tcp_states.h). */
const [TIME_WAIT, LISTEN] = ["06", "0A"];

/** The first and last of the local ports that the kernel gives. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Sockets to one server that hold a port of the range. */
export interface PortUse {
  readonly in_use: number;
  readonly time_wait: number;
}

/** The local ports of a client, as far as they matter to one server. */
export interface PortFacts extends PortUse {
  /** Ports of the range that no socket to this server holds, and so the most connections that can still be opened. */
  readonly free: number;
}

/** A server as a connection to it says: its address, null for any, and its port. */
export interface Remote {
  readonly address: string | null;
  readonly port: number;
}

/** Ports left for connections to a server; null where the system does not tell. */
export function portFacts(remote: Remote): PortFacts | null {
  const range = parsePortRange(readProcFile(RANGE) ?? "");
  const tables = TABLES.map(readWhole).filter((text) => text !== null);
  if (range === null || tables.length === 0) return null;
  const uses = tables.map((text) => portUse(text, remote, range));
  const in_use = uses.reduce((sum, use) => sum + use.in_use, 0);
  const time_wait = uses.reduce((sum, use) => sum + use.time_wait, 0);
  return { in_use, time_wait, free: Math.max(0, range.last - range.first + 1 - in_use) };
}

/** Long with thousands of connections, which a read by the page would not see as of one moment. */
function readWhole(path: string): string | null {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return null; // no IPv6, or no /proc
  }
}

/** Two numbers as in ip_local_port_range; null for anything else. */
export function parsePortRange(text: string): PortRange | null {
  const [, first, last] = /^\s*(\d+)\s+(\d+)\s*$/.exec(text) ?? [];
  return first === undefined || last === undefined ? null : { first: Number(first), last: Number(last) };
}

/**
 * What a table of sockets (/proc/net/tcp, proc(5)) says of a server. The server's own sockets, where it is on this machine,
 * do not count: their remote port is ours. An IPv6 address is not looked at, only its port.
 */
export function portUse(table: string, { address, port }: Remote, { first, last }: PortRange): PortUse {
  const wanted = address === null ? null : ipv4Hex(address);
  let [in_use, time_wait] = [0, 0];
  for (const line of table.split("\n").slice(1)) {
    const [, local = "", remote = "", state] = line.trim().split(/\s+/);
    const [host = "", remotePort = ""] = remote.split(":");
    const localPort = Number.parseInt(local.split(":")[1] ?? "", 16);
    if (state === LISTEN || Number.parseInt(remotePort, 16) !== port) continue;
    if (wanted !== null && !host.endsWith(wanted) || !(localPort >= first && localPort <= last)) continue;
    in_use += 1;
    if (state === TIME_WAIT) time_wait += 1;
  }
  return { in_use, time_wait };
}

/** An IPv4 address as the kernel prints it on a machine of low end first, also at the end of a mapped one; null for others. */
function ipv4Hex(address: string): string | null {
  const parts = /^(?:::ffff:)?(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(address)?.slice(1);
  return parts?.toReversed().map((part) => Number(part).toString(16).padStart(2, "0").toUpperCase()).join(
    "",
  ) ??
    null;
}
