import { withoutBrackets } from "../base/http_url.ts";

/** Where an address leads: to this machine, whose boards and CPUs can be metered, or to another one. */
export type Whereabouts = "here" | "elsewhere";

/** What is known of this machine's own names and addresses. */
export interface OwnNames {
  readonly addresses: ReadonlySet<string>;
  /** In lower case. */
  readonly name: string;
  /** Addresses by name, in lower case: those that the machine knows without asking. */
  readonly hosts: ReadonlyMap<string, readonly string[]>;
}

/** The longest that a resolver is asked for a name. */
const RESOLVE_MS = 2000;

/** Of this machine, now. */
export function ownNames(): OwnNames {
  const addresses = new Set(Deno.networkInterfaces().map(({ address }) => plainAddress(address)));
  return {
    addresses,
    name: Deno.hostname().toLowerCase(),
    hosts: hostsIn(readHosts()),
  };
}

function readHosts(): string {
  try {
    return Deno.readTextFileSync("/etc/hosts");
  } catch {
    return "";
  }
}

/** hosts(5): an address and the names that stand for it. */
export function hostsIn(text: string): Map<string, string[]> {
  const hosts = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [address = "", ...names] = line.replace(/#.*/, "").trim().split(/\s+/);
    for (const name of names) {
      hosts.set(name.toLowerCase(), [...hosts.get(name.toLowerCase()) ?? [], address]);
    }
  }
  return hosts;
}

/** The same as far as no resolver has to be asked; null where one has to be. `hostname`: a name, or an address without brackets. */
export function whereaboutsByName(hostname: string, own: OwnNames): Whereabouts | null {
  const name = hostname.toLowerCase().replace(/\.$/, "");
  if (isAddress(name)) return isOwn(name, own) ? "here" : "elsewhere";
  if (name === "localhost" || name.endsWith(".localhost") || name === own.name) return "here";
  const known = own.hosts.get(name);
  if (known === undefined) return null;
  return known.some((address) => isOwn(address, own)) ? "here" : "elsewhere";
}

/** Asks the resolver where it must, for 2 s at most. A name that stands for nothing then is elsewhere. */
export async function whereaboutsOf(
  hostname: string,
  own: OwnNames,
  resolve: Resolve = askResolver,
): Promise<Whereabouts> {
  const known = whereaboutsByName(hostname, own);
  if (known !== null) return known;
  return (await resolve(hostname)).some((address) => isOwn(address, own)) ? "here" : "elsewhere";
}

/** The addresses of a name; none where it has none, or none in time. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

async function askResolver(hostname: string): Promise<string[]> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), RESOLVE_MS);
  const ask = (type: "A" | "AAAA"): Promise<string[]> =>
    Deno.resolveDns(hostname, type, { signal: late.signal }).catch(() => []);
  const found = await Promise.all([ask("A"), ask("AAAA")]);
  clearTimeout(timer);
  return found.flat();
}

function isAddress(text: string): boolean {
  return text.includes(":") || /^\d+\.\d+\.\d+\.\d+$/.test(text);
}

function isOwn(address: string, { addresses }: OwnNames): boolean {
  const plain = plainAddress(address);
  return /^127\./.test(plain) || ["::1", "::", "0.0.0.0"].includes(plain) || addresses.has(plain);
}

/** Without the zone of a link, in one spelling; IPv4 that is written as IPv6 as itself. */
function plainAddress(address: string): string {
  const bare = address.toLowerCase().replace(/%.*$/, "");
  if (!bare.includes(":")) return bare;
  const url = `http://[${bare}]`;
  const spelled = URL.canParse(url) ? withoutBrackets(new URL(url).hostname) : bare;
  const [, high, low] = /^::ffff:([0-9a-f]+):([0-9a-f]+)$/.exec(spelled) ?? [];
  if (high === undefined || low === undefined) return spelled;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [a >> 8, a & 255, b >> 8, b & 255].join(".");
}
