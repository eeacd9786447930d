import { join } from "node:path";

/** What the engines of a study have compiled; worker/python/llem_worker/caches.py has the same name. */
const FOLDER = ".llem-cache";

/** Removes what engines have kept for the next runs of a study. What stays costs space, not the study. */
export async function removeStudyCaches(dir: string): Promise<void> {
  await Deno.remove(join(dir, FOLDER), { recursive: true }).catch(() => {});
}
