/** What a name in `model` or `lora.adapter_id` can mean, by its spelling alone. */

/** The generated model inside the program. */
export const BUILT_IN_MODEL = "tiny-random";

/** The model that a server names itself, asked of it before a study begins. */
export const SERVED_MODEL = "served";

/** A name that can only be meant for this machine's files, and is never sent to a hub. */
export function isPathLike(name: string): boolean {
  return /^(\.{1,2}(\/|$)|\/|~)/.test(name) || /\.gguf$/i.test(name) || name.split("/").length > 2;
}

/** A name that a hub may know: `name` or `owner/name`. */
export function isHubId(name: string): boolean {
  return /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*)?$/.test(name);
}
