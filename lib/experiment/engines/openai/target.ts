import { readHttpUrl } from "../../../base/http_url.ts";
import { Problem } from "../../../base/problem.ts";
import { credentialsInUrl, noServerUrl } from "../messages.ts";

/** A server as `base_url` names it. */
export interface Target {
  readonly isTls: boolean;
  /** A name or an address; IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** What the Host header says: brackets around IPv6, the port only where it is not the scheme's own. */
  readonly authority: string;
  /** Path of the server's own pages such as /health, without a slash at its end: "" or "/prefix". */
  readonly root: string;
  /** Path of the OpenAI API, without a slash at its end: "/v1", "/prefix/v1", "/v1beta/openai". */
  readonly api: string;
  /** "" or "?name=value", appended to every path of the API. */
  readonly query: string;
}

/** A segment of a path that names a version of the API. */
const VERSION = /^v\d+((alpha|beta)\d*)?$/;

/**
 * Reads `base_url`. A path that names no version gets /v1: http://host:8000 and http://host:8000/v1/ are the same. Throws
 * a Problem where the text is no URL of a server.
 */
export function parseTarget(baseUrl: string): Target {
  const read = readHttpUrl(baseUrl);
  if (read === null) throw new Problem(noServerUrl(baseUrl));
  const { url, isTls, hostname, port } = read;
  // The URL itself is not told: it holds a secret.
  if (url.username !== "" || url.password !== "") throw new Problem(credentialsInUrl());
  const segments = url.pathname.split("/").filter((segment) => segment !== "");
  const version = segments.findIndex((segment) => VERSION.test(segment));
  const path = (parts: readonly string[]): string => parts.map((part) => `/${part}`).join("");
  return {
    isTls,
    hostname,
    port,
    authority: url.host,
    root: path(version === -1 ? segments : segments.slice(0, version)),
    api: path(version === -1 ? [...segments, "v1"] : segments),
    query: url.search,
  };
}

/** The path of a page of the API: `/chat/completions` to `/v1/chat/completions`. */
export function apiPath({ api, query }: Target, page: string): string {
  return `${api}${page}${query}`;
}

/** The path of one of the server's own pages, such as `/health`. */
export function rootPath({ root }: Target, page: string): string {
  return `${root}${page}`;
}
