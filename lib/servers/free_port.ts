import { isPortFree, SERVER_PORTS } from "../host/free_ports.ts";

const TRIES = 200;
/** Those of this program's last servers: one may be about to listen, and of another a connection may still be closing. */
const recent: number[] = [];
const MOST_RECENT = 500;

/**
 * A port on which nobody listens on any address of this machine, and that this program has not given out lately. Another llem may
 * choose the same one in the same moment: whoever then cannot listen asks again.
 */
export function freePort(): number {
  const { first, last } = SERVER_PORTS;
  for (let tries = TRIES; tries > 0; tries--) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    if (recent.includes(port) || !isPortFree(port)) continue;
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
