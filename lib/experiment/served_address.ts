import { readHttpUrl } from "../base/http_url.ts";
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

/** The server that a configuration names by its address; null where it names none, or none that is one. */
export function servedAddress(config: ExperimentConfig): ServedAddress | null {
  const { serves = null } = declarationOf(config.backend) ?? {};
  const text = serves === null ? undefined : readPath(config as JsonObject, serves.address);
  const read = typeof text === "string" ? readHttpUrl(text) : null;
  return read === null ? null : { hostname: read.hostname, port: read.port };
}
