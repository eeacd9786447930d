/** Below the range from which kernels give ports to clients (ip_local_port_range): none of those takes it first. */
const LOWEST_PORT = 18_000;
const HIGHEST_PORT = 31_999;
const TRIES = 200;
/** Those of this program's last servers: a connection of theirs may still be closing. */
const recent: number[] = [];
const MOST_RECENT = 50;

/** A port on which nobody listens on any address of this machine, and that this program has not given out lately. */
export function freePort(): number {
  for (let tries = TRIES; tries > 0; tries--) {
    const port = LOWEST_PORT + Math.floor(Math.random() * (HIGHEST_PORT - LOWEST_PORT + 1));
    if (recent.includes(port) || !isFree(port)) continue;
    return given(port);
  }
  using listener = Deno.listen({ port: 0 });
  return given(listener.addr.port);
}

function given(port: number): number {
  recent.push(port);
  if (recent.length > MOST_RECENT) recent.shift();
  return port;
}

/** All addresses: a server may choose any of them. */
function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "0.0.0.0", port }).close();
    return true;
  } catch {
    return false;
  }
}
