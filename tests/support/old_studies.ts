/** Study directories that earlier versions of llem made, as they lay, but for names of the machine that ran them. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const FIXTURES = join(dirname(dirname(fileURLToPath(import.meta.url))), "fixtures", "studies");

/** `first`: plan.json holds whole runs; `without_result_bytes`, `before_energy`, `before_join_hash`: fields that came later. */
export const OLD_STUDIES = ["first", "without_result_bytes", "before_energy", "before_join_hash"] as const;

interface Packed {
  /** The name of the directory. */
  readonly id: string;
  /** Texts by their paths in it. */
  readonly files: Readonly<Record<string, string>>;
}

/** Puts one of them into a folder; its path. */
export function oldStudy(folder: string, name: (typeof OLD_STUDIES)[number]): string {
  const { id, files }: Packed = JSON.parse(Deno.readTextFileSync(join(FIXTURES, `${name}.json`)));
  const dir = join(folder, id);
  for (const [path, text] of Object.entries(files)) {
    Deno.mkdirSync(join(dir, dirname(path)), { recursive: true });
    Deno.writeTextFileSync(join(dir, path), text);
  }
  return dir;
}
