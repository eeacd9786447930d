import { hiddenTexts } from "../../experiment/hidden_texts.ts";
import { secretsOfEnvironment } from "../../experiment/secret_names.ts";
import type { Output } from "./output.ts";

/**
 * From now on nothing is written there that looks like a secret of this process's environment: what a library or a server
 * says of a request may hold the token that it was made with.
 */
export function hideOwnSecrets(err: Output): void {
  const secrets = hiddenTexts(secretsOfEnvironment(Deno.env.toObject()));
  if (secrets !== null) err.change = (text) => secrets.hide(text);
}
