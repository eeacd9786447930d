import { createHash } from "node:crypto";

/** The Content-Security-Policy of a page: nothing is loaded, sent or evaluated; of scripts only this one runs, null none. */
export function contentPolicy(script: string | null): string {
  return [
    "default-src 'none'",
    ...script === null ? [] : [`script-src 'sha256-${createHash("sha256").update(script).digest("base64")}'`],
    "style-src 'unsafe-inline'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
}
