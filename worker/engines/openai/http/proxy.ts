import { readHttpUrl } from "../../../../lib/base/http_url.ts";
import { Problem } from "../../../../lib/base/problem.ts";
import type { Target } from "../../../../lib/experiment/engines/openai/target.ts";
import * as messages from "./messages.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** An HTTP proxy between us and the server. */
export interface Proxy {
  readonly hostname: string;
  readonly port: number;
  /** Value of Proxy-Authorization; null where the proxy asks for none. Never told. */
  readonly authorization: string | null;
}

/**
 * The proxy that HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY name for a server, in capitals or not; null for none. A
 * server on this machine is never asked through one. Throws a Problem where it is no HTTP proxy.
 */
export function proxyFor(target: Target, env: Env): Proxy | null {
  const valueOf = (name: string): string => (env[name.toLowerCase()] ?? env[name] ?? "").trim();
  const scheme = target.isTls ? "HTTPS_PROXY" : "HTTP_PROXY";
  const variable = [scheme, "ALL_PROXY"].find((name) => valueOf(name) !== "");
  if (variable === undefined || isLoopback(target.hostname)) return null;
  if (isExcepted(target, valueOf("NO_PROXY"))) return null;
  const text = valueOf(variable);
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  const proxy = readHttpUrl(address);
  // The value itself is not told: it may hold a password.
  if (proxy === null || proxy.isTls) throw new Problem(messages.noHttpProxy(variable));
  const { url: { username, password }, hostname, port } = proxy;
  return {
    hostname,
    port,
    authorization: username === "" && password === ""
      ? null
      : `Basic ${new TextEncoder().encode(`${decoded(username)}:${decoded(password)}`).toBase64()}`,
  };
}

/** A text of a URL; as it stands where its percent signs are no encoding. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname.endsWith(".localhost") || hostname === "::1" ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

/** NO_PROXY as curl, Go and Python read it: names with their subdomains, addresses, address ranges, ports, `*`. */
function isExcepted({ hostname, port }: Target, list: string): boolean {
  return list.split(/[\s,]+/).filter((entry) => entry !== "").some((entry) => {
    if (entry === "*") return true;
    const [, name = "", ownPort] =
      /^(.*?|\[.*\])(?::(\d+))?$/.exec(hasManyColons(entry) ? `[${entry}]` : entry) ??
        [];
    if (ownPort !== undefined && Number(ownPort) !== port) return false;
    const host = name.replace(/^\[+|\]+$/g, "").replace(/^\*?\.+/, "").toLowerCase();
    return hostname === host || hostname.endsWith(`.${host}`) || isInRange(hostname, host);
  });
}

/** True for a bare IPv6 address, whose colons begin no port. */
function hasManyColons(entry: string): boolean {
  return !entry.startsWith("[") && entry.split(":").length > 2;
}

/** True for an IPv4 address in a range such as 10.0.0.0/8. */
function isInRange(hostname: string, range: string): boolean {
  const [network = "", bits = ""] = range.split("/");
  const [own, other] = [ipv4(hostname), ipv4(network)];
  if (own === null || other === null || !/^\d+$/.test(bits) || Number(bits) > 32) return false;
  const size = 2 ** (32 - Number(bits));
  return Math.floor(own / size) === Math.floor(other / size);
}

function ipv4(text: string): number | null {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)?.slice(1).map(Number);
  if (parts === undefined || parts.some((part) => part > 255)) return null;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}
