import { Problem } from "../base/problem.ts";

/** Opens a file of the hub's cache. Throws Problem. */
export async function openCached(path: string): Promise<Deno.FsFile> {
  try {
    return await Deno.open(path);
  } catch (error) {
    throw new Problem(
      `Cannot read prompts from ${path}: ${
        (error as Error).message
      }. Make it readable for you, or name another ` +
        "cache with HF_HUB_CACHE.",
      { cause: error },
    );
  }
}
