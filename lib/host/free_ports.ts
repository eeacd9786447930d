/** Ports, the last of which is a part of it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

// Both below the range from which kernels give ports to clients (ip_local_port_range): none of those takes one first.
/** Of servers that llem starts. */
export const SERVER_PORTS: PortRange = { first: 18_000, last: 27_999 };
/** Of what workers and servers open besides. */
export const SLOT_PORTS_RANGE: PortRange = { first: 28_000, last: 31_999 };

/** True where nobody listens on it, on any address: a server may choose any of them. */
export function isPortFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "0.0.0.0", port }).close();
    return true;
  } catch {
    return false;
  }
}
