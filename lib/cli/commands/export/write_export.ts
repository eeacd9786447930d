import { basename, dirname, join } from "node:path";
import { exists, isFolder, jsonFile, readRegularText, removeIfThere } from "../../../base/files.ts";
import { isJsonObject } from "../../../base/json.ts";
import { CommandError, EXIT } from "../../../base/refusal.ts";
import { LLEM_VERSION } from "../../../base/version.ts";
import type { Export, ExportFile } from "../../../report/export/formats.ts";
import type { ExportFormat } from "../../../report/export/names.ts";
import { realDisk } from "../../../storage/disk.ts";
import { replaceStreamed } from "../../../storage/replace_streamed.ts";
import { SaveError } from "../../../storage/save_error.ts";
import { EXPORT_FILE, folderInPlaceOfFile, folderNotOurs } from "./messages.ts";

/** By this file a folder is known as one that an export made. */
const MARKER = "llem-export.json";

/** Writes an export to a path. Tells the names of the files of a folder; empty where it is one file. */
export async function writeExport(
  made: Export,
  format: ExportFormat,
  path: string,
): Promise<readonly string[]> {
  if (made.kind === "file") {
    if (isFolder(path)) throw new CommandError(EXIT.usage, folderInPlaceOfFile(path, format));
    await saving(dirname(path), () => Deno.mkdirSync(dirname(path), { recursive: true }));
    for (const { pieces } of made.files) await saving(path, () => replaceStreamed(path, pieces));
    return [];
  }
  const earlier = takeFolder(path);
  await saving(path, () => Deno.mkdirSync(path, { recursive: true }));
  const written: string[] = [];
  await mark(path, format, earlier);
  for (const file of made.files) {
    await saving(join(path, file.name), () => replaceStreamed(join(path, file.name), file.pieces));
    written.push(file.name);
  }
  await mark(path, format, written);
  for (const name of earlier) if (!written.includes(name)) removeIfThere(join(path, name));
  return written;
}

/** What an earlier export has left there; a folder that holds anything else is refused. */
function takeFolder(path: string): readonly string[] {
  if (!exists(path)) return [];
  const marker = readMarker(join(path, MARKER));
  if (marker !== null) {
    removeHalfFiles(path);
    return marker;
  }
  if (!isFolder(path) || [...Deno.readDirSync(path)].length > 0) {
    throw new CommandError(EXIT.usage, folderNotOurs(path));
  }
  return [];
}

/** What an export leaves that is killed while it writes; whoever reads a folder takes every file for a whole one. */
function removeHalfFiles(folder: string): void {
  for (const { name, isFile } of Deno.readDirSync(folder)) {
    if (isFile && /\.(?:csv|jsonl?|parquet)\.tmp-\d+$/.test(name)) removeIfThere(join(folder, name));
  }
}

function readMarker(path: string): string[] | null {
  try {
    const marker: unknown = JSON.parse(readRegularText(path));
    const files = isJsonObject(marker) ? marker["files"] : null;
    if (!Array.isArray(files)) return null;
    // A name leads nowhere else, whoever wrote it.
    return files.filter((name) => typeof name === "string" && name === basename(name) && name !== "");
  } catch {
    return null;
  }
}

async function mark(path: string, format: ExportFormat, files: readonly string[]): Promise<void> {
  const marker = { schema: "llem.export/1", llem_version: LLEM_VERSION, format, files };
  await saving(join(path, MARKER), () => realDisk.replace(join(path, MARKER), jsonFile(marker)));
}

async function saving(path: string, action: () => void | Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(EXIT.notSaved, new SaveError(EXPORT_FILE, path, error).message);
  }
}

/** All files one after the other. */
export async function* piecesOf(files: Iterable<ExportFile>): AsyncGenerator<Uint8Array> {
  for (const { pieces } of files) yield* pieces;
}
