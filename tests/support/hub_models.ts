/** Models for tests as the hub holds them: right in what is looked at, without weights that could be loaded. */
import { join } from "node:path";
import { repositoryFolder } from "../../lib/hub/cached_repository.ts";
import type { HubFiles } from "./hub_server.ts";

export const COMMIT = "0123456789abcdef0123456789abcdef01234567";

/** The least that counts as a model. */
export const MODEL_FILES: HubFiles = {
  "config.json": '{"model_type":"llama"}',
  "tokenizer.json": "{}",
  "model.safetensors": "weights",
};

/** Writes files below a folder, which is made, and returns the folder. */
export function writeFiles(folder: string, files: HubFiles): string {
  for (const [name, file] of Object.entries(files)) {
    const path = join(folder, name);
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    if (typeof file === "string") Deno.writeTextFileSync(path, file);
    else Deno.writeFileSync(path, file);
  }
  return folder;
}

/** Puts a model into a cache, as the main branch, and returns the folder of its files. */
export function cacheModel(cache: string, id: string, files: HubFiles = MODEL_FILES): string {
  const repository = repositoryFolder(cache, "model", id);
  writeFiles(join(repository, "refs"), { main: COMMIT });
  return writeFiles(join(repository, "snapshots", COMMIT), files);
}
