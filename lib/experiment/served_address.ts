import type { JsonObject } from "../base/json.ts";
import type { ExperimentConfig } from "./config.ts";
import { declarationOf } from "./engines.ts";
import { readPath } from "./read_path.ts";

/** Where a server listens that runs without us. */
export interface ServedAddress {
  /** A name in lower case or an address; IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
}

const PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

/** The server that a configuration names by its address; null where it names none, or none that is one. */
export function servedAddress(config: ExperimentConfig): ServedAddress | null {
  const { serves } = declarationOf(config.backend) ?? {};
  const text = serves === undefined ? undefined : readPath(config as JsonObject, serves.address);
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : null;
  const usual = url === null ? undefined : PORTS[url.protocol];
  if (url === null || usual === undefined) return null;
  return {
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? usual : Number(url.port),
  };
}
