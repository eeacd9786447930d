import { join } from "node:path";
import { exists, isFile, isFolder, namesIn } from "../base/files.ts";
import { BUILT_IN_MODEL } from "../experiment/model_name.ts";

const GGUF_MAGIC = "GGUF";

/** True where what stands in the place of a study file is a model: by its name, its first bytes, or the files of a folder. */
export function isModel(path: string): boolean {
  if (/\.gguf$/i.test(path)) return true;
  if (isFolder(path)) {
    return exists(join(path, "config.json")) || namesIn(path).some((name) => /\.gguf$/i.test(name));
  }
  return isFile(path) ? beginsAsGguf(path) : path === BUILT_IN_MODEL;
}

function beginsAsGguf(path: string): boolean {
  try {
    using file = Deno.openSync(path);
    const head = new Uint8Array(GGUF_MAGIC.length);
    file.readSync(head);
    return new TextDecoder().decode(head) === GGUF_MAGIC;
  } catch {
    return false;
  }
}
