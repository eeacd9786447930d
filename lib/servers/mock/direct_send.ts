import { libc } from "../../base/libc.ts";

/** No signal where the client is gone, no wait where it does not read. */
const MSG_DONTWAIT_NOSIGNAL = 0x40 | 0x4000;
const FIRST_DESCRIPTOR = 3;
/** Descriptors beyond are written to the usual way. */
const LAST_DESCRIPTOR = 8192;
const ADDRESS_BYTES = 28;

/** struct sockaddr of AF_UNSPEC. */
const NOWHERE = new Uint8Array(16);

const known = new Set<number>();
const address = new Uint8Array(ADDRESS_BYTES);
const addressLength = new Uint32Array(1);

/**
 * The descriptor of a socket that Deno has accepted; null where it is not found. A write through Deno is done at some later
 * time, and takes twice the CPU time. The kernel gives out the lowest number that is free, so the search is short; the port
 * of the other end proves it.
 */
export function descriptorOf(socket: Deno.TcpConn): number | null {
  const { port } = socket.remoteAddr;
  for (let descriptor = FIRST_DESCRIPTOR; descriptor < LAST_DESCRIPTOR; descriptor += 1) {
    if (known.has(descriptor) || peerPort(descriptor) !== port) continue;
    known.add(descriptor);
    return descriptor;
  }
  return null;
}

/** To be called before the socket is closed: another one may get its number. */
export function forgetDescriptor(descriptor: number): void {
  known.delete(descriptor);
}

/** Gives bytes to the kernel now. How many it took; -1 where it took none. */
export function sendNow(descriptor: number, bytes: Uint8Array<ArrayBuffer>, length: number): number {
  return Number(libc().send(descriptor, bytes, BigInt(length), MSG_DONTWAIT_NOSIGNAL));
}

/**
 * Tells the client by a reset that the connection is gone. Deno itself always says first that nothing more comes, even
 * where SO_LINGER is set; a connect to nowhere does not (tcp_disconnect in Linux).
 */
export function resetNow(descriptor: number): void {
  libc().connect(descriptor, NOWHERE, NOWHERE.length);
}

/** The port of the other end; null for what is no connected socket. It stands in network order behind the family. */
function peerPort(descriptor: number): number | null {
  addressLength[0] = ADDRESS_BYTES;
  if (libc().getpeername(descriptor, address, addressLength) !== 0) return null;
  return ((address[2] ?? 0) << 8) + (address[3] ?? 0);
}
