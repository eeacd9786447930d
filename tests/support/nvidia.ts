import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { TempFolder } from "./temp_folder.ts";

const FIXTURE = join(dirname(dirname(fileURLToPath(import.meta.url))), "fixtures", "nvidia");

/** UUIDs of tests/fixtures/nvidia. */
export const FIRST_UUID = "GPU-aaaaaaaa-0001-4000-8000-000000000001";
export const THIRD_UUID = "GPU-cccccccc-0003-4000-8000-000000000003";

/** Makes a folder like /proc/driver/nvidia/gpus out of the fixture and returns its path. */
export function nvidiaTree(folder: TempFolder): string {
  const root = folder.at("gpus");
  Deno.mkdirSync(root);
  // The order of a listing means nothing: made last to first.
  const files = [...Deno.readDirSync(FIXTURE)].map(({ name }) => name).filter((name) => name !== "README.md");
  for (const name of files.sort().reverse()) {
    const gpu = join(root, name.replaceAll("-", ":"));
    Deno.mkdirSync(gpu);
    Deno.copyFileSync(join(FIXTURE, name), join(gpu, "information"));
  }
  return root;
}
