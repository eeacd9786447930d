import { isAbsolute, join } from "node:path";
import { removeSharedMemory } from "../process/shared_memory.ts";
import type { ProcessTag } from "../process/held_process.ts";
import type { SpawnFailure } from "../process/spawn.ts";
import { taggedProcesses } from "../process/tagged.ts";
import { type HeldLock, tryLockFolder } from "../storage/lock.ts";
import {
  placeNotPlain,
  placeTooLong,
  temporaryFolderElsewhere,
  temporaryFolderNotMade,
  temporaryFolderNotRemoved,
} from "./messages.ts";

/** Names of ours: llem- and something random. */
const NAME = /^llem-[0-9a-f]{8}$/;
/** Holds the variable that the folder's processes are known by. Its bytes are also the proof that the disk takes any. */
const OWNER_FILE = ".llem";
const LONGEST_OWNER = 200;
const PRIVATE = 0o700;
const PERMISSIONS = 0o777;
const OFTEN = 100;

/**
 * The path of a socket has at most 107 bytes (unix(7)). Our name takes 14 of them, and engines add a UUID, Python's
 * multiprocessing 32.
 */
const LONGEST_PLACE = 56;

/** An empty folder may be one that is just being made; after so long it is not. */
const MAKING_MS = 60_000;

type Env = Readonly<Record<string, string | undefined>>;

/** A private temporary folder: of one attempt, or of one server. */
export interface TemporaryFolder {
  readonly path: string;
  /** Why it is not where TMPDIR says, a sentence; null where it is. */
  readonly elsewhere: string | null;
  /** Removes it with all that is in it. Null, or a sentence on why it is still there. */
  remove(): Promise<string | null>;
}

/** Where such folders can be: as TMPDIR says, else where everybody may write. */
export function temporaryPlaces({ TMPDIR: wished = "" }: Env): string[] {
  return [...new Set([...wished === "" ? [] : [wished], "/tmp", "/var/tmp"])];
}

/**
 * Makes one, for this user alone. It is locked for as long as this program lives and has not removed it, and it names what
 * its processes are known by, so that a later llem can tell that it is nobody's any more.
 */
export function makeTemporaryFolder(
  tag: ProcessTag,
  env: Env,
): { readonly folder: TemporaryFolder } | { readonly failure: SpawnFailure } {
  const [first = "", ...others] = temporaryPlaces(env);
  const made = tryToMake(first, tag);
  if ("path" in made) return { folder: folderOf(made, null) };
  for (const place of others) {
    const other = tryToMake(place, tag);
    if ("path" in other) {
      return { folder: folderOf(other, temporaryFolderElsewhere(first, made.message, place)) };
    }
  }
  const { errno, message } = made;
  return { failure: { errno, message: temporaryFolderNotMade(first, message) } };
}

interface Made {
  readonly path: string;
  readonly lock: HeldLock | null;
}

function tryToMake(place: string, tag: ProcessTag): Made | SpawnFailure {
  // The guard reads words, and a relative path means another folder to every process.
  if (!isAbsolute(place) || /[\s|]/.test(place)) {
    return { errno: "EINVAL", message: placeNotPlain() };
  }
  if (new TextEncoder().encode(place).length > LONGEST_PLACE) {
    return {
      errno: "ENAMETOOLONG",
      message: placeTooLong(LONGEST_PLACE),
    };
  }
  try {
    return makeIn(place, tag);
  } catch (error) {
    return { errno: (error as { code?: string }).code ?? "unknown", message: (error as Error).message };
  }
}

/** Throws what the system threw, with nothing left. */
function makeIn(place: string, { name, value }: ProcessTag): Made {
  const path = makeNamed(place);
  // Before it names an owner: whoever finds one in it and gets the lock knows that this one is gone.
  const attempt = tryLockFolder(path);
  const lock = attempt.kind === "held" ? attempt.lock : null;
  try {
    Deno.writeTextFileSync(join(path, OWNER_FILE), `${name}=${value}\n`);
    return { path, lock };
  } catch (error) {
    Deno.removeSync(path, { recursive: true });
    lock?.[Symbol.dispose]();
    throw error;
  }
}

function makeNamed(place: string): string {
  for (let tries = OFTEN;; tries--) {
    const path = join(place, `llem-${crypto.randomUUID().slice(0, 8)}`);
    try {
      Deno.mkdirSync(path, { mode: PRIVATE });
      return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.AlreadyExists) || tries === 0) throw error;
    }
  }
}

function folderOf({ path, lock }: Made, elsewhere: string | null): TemporaryFolder {
  return {
    path,
    elsewhere,
    remove: async () => {
      try {
        return await removed(path);
      } finally {
        lock?.[Symbol.dispose]();
      }
    },
  };
}

async function removed(path: string): Promise<string | null> {
  try {
    await Deno.remove(path, { recursive: true });
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    return temporaryFolderNotRemoved(path, (error as Error).message);
  }
}

/**
 * Removes a folder of a runner that is dead, whose processes are dead as well: the journal names it. Nothing happens where it
 * is not certainly ours, or somebody still has it.
 */
export async function removeLostFolder(path: string): Promise<void> {
  if (!NAME.test(path.slice(path.lastIndexOf("/") + 1)) || !isOwnPrivate(path)) return;
  await removeUnlocked(path);
}

/**
 * Removes what earlier runners left that were killed together with their guards: folders of ours that nobody has locked and
 * whose processes are gone, and the shared memory that is named after these processes.
 */
export async function removeDeadFolders(env: Env): Promise<void> {
  for (const place of temporaryPlaces(env)) {
    for (const name of namesIn(place)) {
      const path = join(place, name);
      if (NAME.test(name) && isOwnPrivate(path)) await removeIfDead(path);
    }
  }
}

async function removeIfDead(path: string): Promise<void> {
  const tag = ownerOf(path);
  if (tag === null) {
    if (isOld(path)) await Deno.remove(path).catch(() => {});
    return;
  }
  if (taggedProcesses({ [tag.name]: tag.value }).length > 0) return;
  if (!await removeUnlocked(path)) return;
  removeSharedMemory({ tag: tag.value, mapped: [], since_ms: 0 });
}

/** False where it is locked, or stays. */
async function removeUnlocked(path: string): Promise<boolean> {
  const attempt = tryLockFolder(path);
  if (attempt.kind !== "held") return false;
  using _ = attempt.lock;
  return await removed(path) === null;
}

/** Null where it names none. A worker may have put anything in its place, a pipe that never ends too. */
function ownerOf(path: string): ProcessTag | null {
  const file = join(path, OWNER_FILE);
  try {
    const { isFile, size } = Deno.lstatSync(file);
    if (!isFile || size > LONGEST_OWNER) return null;
    const text = Deno.readTextFileSync(file);
    const [, name, value] = /^(LLEM_[A-Z_]+)=([0-9a-f-]{36})\n$/.exec(text) ?? [];
    return name === undefined || value === undefined ? null : { name, value };
  } catch {
    return null;
  }
}

function isOwnPrivate(path: string): boolean {
  try {
    const { isDirectory, uid, mode } = Deno.lstatSync(path);
    return isDirectory && uid === Deno.uid() && mode !== null && (mode & PERMISSIONS) === PRIVATE;
  } catch {
    return false;
  }
}

function isOld(path: string): boolean {
  try {
    const { mtime } = Deno.lstatSync(path);
    return mtime !== null && Date.now() - mtime.getTime() > MAKING_MS;
  } catch {
    return false;
  }
}

function namesIn(place: string): string[] {
  try {
    return [...Deno.readDirSync(place)].map(({ name }) => name);
  } catch {
    return [];
  }
}
