/** What an address of a program that speaks HTTP says of where it listens. */
export interface HttpUrl {
  readonly url: URL;
  readonly isTls: boolean;
  /** A name in lower case or an address; IPv6 without brackets. */
  readonly hostname: string;
  /** The one that is written, else 80 or 443. */
  readonly port: number;
}

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** Reads an address with the scheme http or https; null for any other text. */
export function readHttpUrl(text: string): HttpUrl | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  const usual = url === null ? undefined : PORTS[url.protocol];
  if (url === null || usual === undefined) return null;
  return {
    url,
    isTls: url.protocol === "https:",
    hostname: withoutBrackets(url.hostname),
    port: url.port === "" ? usual : Number(url.port),
  };
}

/** The host of a URL as sockets take it: an IPv6 address without its brackets. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}
