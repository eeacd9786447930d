import { ownVariable } from "../../../lib/base/own_environment.ts";
import { WorkerError } from "../../worker_error.ts";
import { type AssetFolder, disposeAssets, openOwnAssets } from "./assets.ts";
import { type Hardware, isGpu, openHardware } from "./devices.ts";
import { type Library, openLibrary } from "./library.ts";
import { LoadLog } from "./load_log.ts";
import { RELEASE } from "./release.ts";

/**
 * Says on stdout, as one line of JSON, whether the engine can be loaded here and on what it computes: the build that
 * LLEM_LLAMACPP_DIR names, else the embedded one. True where it can. LLEM_RUN_DIR is a folder for what a run may unpack.
 */
export function checkLlamacpp(): boolean {
  const named = ownVariable("LLEM_LLAMACPP_DIR") ?? "";
  const folder = makeRunFolder();
  let assets: AssetFolder | null = null;
  try {
    assets = named === "" ? openOwnAssets(folder) : null;
    const library = openLibrary(assets?.path ?? named);
    console.log(JSON.stringify({
      release: RELEASE.name,
      excuse: assets?.excuse ?? null,
      folder: assets === null ? named : null,
      ...hardwareOf(library),
    }));
    return true;
  } catch (error) {
    console.log(JSON.stringify({ error: (error as Error).message }));
    return false;
  } finally {
    disposeAssets(assets);
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Where a run's folder would be, if LLEM_RUN_DIR names a place that can be written to. */
function makeRunFolder(): string {
  const prefix = ".llem-check-";
  try {
    return Deno.makeTempDirSync({ dir: ownVariable("LLEM_RUN_DIR") || "/tmp", prefix });
  } catch {
    return Deno.makeTempDirSync({ prefix });
  }
}

/** What the library computes on; a GPU library that brings no device is told with its reason. */
function hardwareOf(library: Library): Readonly<Record<string, unknown>> {
  using log = new LoadLog(library);
  try {
    return told(openHardware(library, log, -1), null);
  } catch (error) {
    if (!(error instanceof WorkerError) || error.errorType !== "gpu_unavailable") throw error;
    return told(openHardware(library, log, 0), error.message);
  } finally {
    log.close({ toStderr: false });
  }
}

function told(
  { devices, cpuVariant }: Hardware,
  gpu_problem: string | null,
): Readonly<Record<string, unknown>> {
  const gpus = devices.filter(isGpu).map(({ name, description }) => `${name}: ${description}`);
  return { cpu: cpuVariant, gpus, gpu_problem };
}
