/** Where what is loaded into a process may be unpacked: writable for this user alone, and executable. */
import { isAbsolute } from "node:path";
import { isFolder, nearestThere } from "./files.ts";
import { isNoexec } from "./mounts.ts";
import { openFolderAbove } from "./open_folders.ts";
import { placeIsNoexec, placeIsNoFolder, placeIsOpen, placeNotWritable } from "./messages.ts";

/** The folders in which a copy for one run is made where the user's cache cannot hold it, in this order. */
export function placesForOneRun(
  folder: string | null,
  { TMPDIR: temporary = "" }: Readonly<Record<string, string | undefined>>,
): string[] {
  const places = [folder, isAbsolute(temporary) ? temporary : null, "/tmp"];
  return [...new Set(places.filter((place) => place !== null))];
}

/**
 * Why nothing to be loaded may be put into a folder, a clause that names the place; null where it may. The folder need not
 * be there yet. With `probe` something is made there and removed again; without, only what can be read is looked at.
 */
export function placeTrouble(folder: string, { probe }: { readonly probe: boolean }): string | null {
  const there = nearestThere(folder);
  try {
    if (!isFolder(there)) return placeIsNoFolder(there);
    const open = openFolderAbove(Deno.realPathSync(there));
    if (open !== null) return placeIsOpen(open);
    if (isNoexec(there)) return placeIsNoexec(there);
    if (probe) Deno.removeSync(Deno.makeTempDirSync({ dir: there, prefix: ".llem-probe-" }));
    return null;
  } catch (error) {
    return placeNotWritable(there, (error as Error).message);
  }
}
