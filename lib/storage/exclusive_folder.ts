import { dirname, join } from "node:path";
import { realDisk } from "./disk.ts";
import { SaveError } from "./save_error.ts";
import { studyDirectoryIn } from "./messages.ts";

const TRIES = 100;

/**
 * Creates `<parent>/<name>_<4 random characters>` and nobody else's: an existing folder is never taken over.
 * Missing parents are made, durably. Throws SaveError.
 */
export function createExclusiveFolder(parent: string, name: string): string {
  try {
    makeParents(parent);
    for (let left = TRIES;; left--) {
      const path = join(parent, `${name}_${randomLetters()}`);
      try {
        Deno.mkdirSync(path);
        return path;
      } catch (error) {
        if (!(error instanceof Deno.errors.AlreadyExists) || left === 0) throw error;
      }
    }
  } catch (error) {
    throw new SaveError(studyDirectoryIn(), parent, error);
  }
}

/** Creates what is missing of a path; each folder's name is durable in the one above it. */
function makeParents(path: string): void {
  if (exists(path)) return;
  makeParents(dirname(path));
  // Recursive, as somebody else may make it at the same time.
  Deno.mkdirSync(path, { recursive: true });
  realDisk.syncFolder(dirname(path));
}

/** A broken link or a file counts as there: creating a folder under that name says what is wrong with it. */
function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function randomLetters(): string {
  const alphabet = "abcdefghijkmnpqrstuvwxyz23456789";
  return [...crypto.getRandomValues(new Uint8Array(4))].map((byte) => alphabet[byte % alphabet.length]).join(
    "",
  );
}

/** Text made safe as one part of a file name: no slash, no dot at the start, ASCII, at most `longest` characters. */
export function safeName(text: string, longest = 60): string {
  const safe = text.normalize("NFKD").replace(/[^A-Za-z0-9._+=-]+/g, "-").replace(/^[.-]+|[.-]+$/g, "");
  return safe.slice(0, longest).replace(/[.-]+$/, "");
}

/** Enough for a time, four random characters and what is put beside a folder: a name has 255 bytes at most. */
const MOST_NAME_BYTES = 200;

/**
 * The same with the letters, marks and digits of any script, in composed form (NFC): a name that people read. At most
 * `longest` code points and 200 bytes; never half a character.
 */
export function readableName(text: string, longest = 60): string {
  const safe = text.normalize("NFC").replace(/[^\p{L}\p{M}\p{N}._+=-]+/gu, "-").replace(/^[\p{M}.-]+/u, "");
  let [name, bytes] = ["", 0];
  for (const character of [...safe].slice(0, longest)) {
    bytes += new TextEncoder().encode(character).length;
    if (bytes > MOST_NAME_BYTES) break;
    name += character;
  }
  return name.replace(/[.-]+$/, "");
}
