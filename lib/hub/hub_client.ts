import type { HubEnvironment } from "./hub_environment.ts";

const clients = new Map<string, Deno.HttpClient>();

/**
 * The client that trusts what the environment says; undefined is the usual one. Both take proxies from the
 * environment. Throws where the certificates cannot be read.
 */
export function clientFor({ certificates: path }: HubEnvironment): Deno.HttpClient | undefined {
  if (path === null) return undefined;
  const known = clients.get(path);
  if (known !== undefined) return known;
  try {
    const client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(path)] });
    clients.set(path, client);
    return client;
  } catch (error) {
    throw new Error(`no certificate can be read from ${path}: ${(error as Error).message}`, { cause: error });
  }
}
