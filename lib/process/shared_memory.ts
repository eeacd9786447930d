import { allProcesses } from "./proc_stat.ts";

/** Where the C library keeps what shm_open(3) and sem_open(3) make. */
const FOLDER = "/dev/shm";

/**
 * Names that engines give to what lives no longer than their processes: Python's shared memory and semaphores, and those of
 * PyTorch, NCCL, CUDA and vLLM. A file of another name may be a user's own, such as a model that is kept in memory.
 */
const OF_ENGINES = /^(psm_|sem\.|torch_|nccl-|cuda\.shm\.|vllm_)/;

/** What a tag must be for a name that holds it to be proof: a UUID, which nothing has by chance. */
const TAG = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The kernel takes the time of a file from a clock that is behind by a tick (10 ms at most). */
const TICK_MS = 10;

/**
 * The shared memory of some processes that are about to be killed: paths of files that engines make. A file goes by its inode:
 * sem_open(3) makes a semaphore under a name that it takes away again, and links the real one to it.
 */
export function sharedMemoryOf(pids: Iterable<number>): string[] {
  const inodes = mappedBy(pids);
  if (inodes.size === 0) return [];
  const names = namesIn(FOLDER).filter((name) => OF_ENGINES.test(name)).map((name) => `${FOLDER}/${name}`);
  return names.filter((path) => inodes.has(inodeOf(path)));
}

/** What is known of the shared memory of processes that are gone. */
export interface LostMemory {
  /** A UUID that only names of theirs hold: Python workers give it to what they make. No name is taken for any other text. */
  readonly tag: string;
  /** What they had mapped. */
  readonly mapped: readonly string[];
  /** Whatever is older was there before them; ms of UTC. */
  readonly since_ms: number;
}

/**
 * Removes shared memory that killed processes have left: every file that is named after them, and those that they had mapped
 * if they made them and no living process maps them. Only files of this user. Returns the paths that were removed.
 */
export function removeSharedMemory({ tag, mapped, since_ms }: LostMemory): string[] {
  const names = TAG.test(tag) ? namesIn(FOLDER).filter((name) => name.includes(tag)) : [];
  const named = names.map((name) => `${FOLDER}/${name}`);
  const made = mapped.filter((path) => !named.includes(path) && isMadeSince(path, since_ms - TICK_MS));
  const inUse = made.length === 0 ? new Set() : mappedBy([...allProcesses()].map(({ pid }) => pid));
  return [...named, ...made.filter((path) => !inUse.has(inodeOf(path)))].filter(removeOwn);
}

/** Inodes of what these processes have mapped there, also under a name that is gone. */
function mappedBy(pids: Iterable<number>): Set<number> {
  const found = new Set<number>();
  for (const pid of pids) {
    for (const [, inode] of mapsOf(pid).matchAll(/ (\d+) +\/dev\/shm\//g)) found.add(Number(inode));
  }
  return found;
}

function inodeOf(path: string): number {
  try {
    return Deno.lstatSync(path).ino ?? NaN;
  } catch {
    return NaN;
  }
}

/** Empty for a process that is gone or somebody else's; see proc_pid_maps(5). */
function mapsOf(pid: number): string {
  try {
    return Deno.readTextFileSync(`/proc/${pid}/maps`);
  } catch {
    return "";
  }
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) => name);
  } catch {
    return [];
  }
}

function isMadeSince(path: string, sinceMs: number): boolean {
  try {
    const { birthtime, mtime, isFile } = Deno.lstatSync(path);
    const made = birthtime ?? mtime;
    return isFile && made !== null && made.getTime() >= sinceMs;
  } catch {
    return false;
  }
}

/** False for what is another user's, or gone. */
function removeOwn(path: string): boolean {
  try {
    if (Deno.lstatSync(path).uid !== Deno.uid()) return false;
    Deno.removeSync(path);
    return true;
  } catch {
    return false;
  }
}
