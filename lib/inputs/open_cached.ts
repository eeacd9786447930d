import { Problem } from "../base/problem.ts";
import { cachedPromptsUnreadable } from "./messages.ts";

/** Opens a file of the hub's cache. Throws Problem. */
export async function openCached(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    throw new Problem(cachedPromptsUnreadable(path, (error as Error).message), { cause: error });
  }
}
