import type { Target } from "../../../../lib/experiment/engines/openai/target.ts";
import { trustedCertificates } from "./certificates.ts";
import type { PoolOptions } from "./pool.ts";
import { proxyFor } from "./proxy.ts";

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The way to a server by the user's variables: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and DENO_CERT.
 * Throws a Problem where one of them names what cannot be used.
 */
export function optionsFrom(env: Env, target: Target): Pick<PoolOptions, "proxy" | "caCerts"> {
  return { proxy: proxyFor(target, env), caCerts: target.isTls ? trustedCertificates(env) : [] };
}
