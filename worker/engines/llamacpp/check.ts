import { type AssetFolder, disposeAssets, openOwnAssets } from "./assets.ts";
import { openLibrary } from "./library.ts";
import { RELEASE } from "./release.ts";

/** Says on stdout, as one line of JSON, whether the embedded engine can be unpacked and loaded here. True where it can. */
export function checkLlamacpp(): boolean {
  const folder = Deno.makeTempDirSync({ prefix: "llem-check-" });
  let assets: AssetFolder | null = null;
  try {
    assets = openOwnAssets(folder);
    openLibrary(assets.path);
    console.log(JSON.stringify({ release: RELEASE.name, excuse: assets.excuse }));
    return true;
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message }));
    return false;
  } finally {
    disposeAssets(assets);
    Deno.removeSync(folder, { recursive: true });
  }
}
