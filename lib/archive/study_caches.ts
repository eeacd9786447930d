import { join } from "node:path";
import { CACHE_FOLDER } from "../engines/caches.ts";

/** Removes what engines have kept for the next runs of a study. What stays costs space, not the study. */
export async function removeStudyCaches(dir: string): Promise<void> {
  await Deno.remove(join(dir, CACHE_FOLDER), { recursive: true }).catch(() => {});
}
