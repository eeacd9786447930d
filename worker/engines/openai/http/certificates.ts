import { Problem } from "../../../../lib/base/problem.ts";
import { wordsOf } from "../../../../lib/base/text.ts";
import * as messages from "./messages.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Files of certificates to trust besides the usual ones: OpenSSL's variable and Deno's own. */
const VARIABLES = ["SSL_CERT_FILE", "DENO_CERT"] as const;

/** The certificates, PEM, that the user's variables name. Throws a Problem where a file cannot be read or has none. */
export function trustedCertificates(env: Env): string[] {
  return VARIABLES.flatMap((variable) => {
    const path = env[variable]?.trim() ?? "";
    return path === "" ? [] : [readCertificates(path, variable)];
  });
}

/** The text of a file of certificates; `source` is told with a Problem, such as the variable that names the file. */
export function readCertificates(path: string, source: string): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw new Problem(messages.certificatesUnreadable(source, path, wordsOf(error)));
  }
  if (!text.includes("-----BEGIN")) {
    throw new Problem(messages.certificatesUnreadable(source, path, "no PEM"));
  }
  return text;
}
