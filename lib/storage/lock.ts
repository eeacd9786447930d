import { Descriptor, OPEN } from "./_descriptor.ts";

const ENOENT = 2;
const EWOULDBLOCK = 11;
const EEXIST = 17;

/** A flock(2) that is ours for as long as its descriptor is open: SIGKILL frees it, a file left behind never holds it. */
export interface HeldLock extends Disposable {
  /** Replaces the owner's text, which is information only. */
  describe(owner: string): void;
}

/** A lock that is ours, the owner's text of a lock that is not, or the errno of a file system that refuses. */
export type LockAttempt =
  | { readonly kind: "held"; readonly lock: HeldLock }
  | { readonly kind: "busy"; readonly owner: string }
  | { readonly kind: "refused"; readonly errno: number };

/**
 * Takes the lock, or says who has it once somebody has had it for a moment: others may take it and let go at once, as one
 * does who takes all locks or none.
 */
export function tryLock(path: string, owner: string): LockAttempt {
  return lockOpened(Descriptor.open(path, OPEN.readWrite | OPEN.create, 0o644), owner, BRIEF_MS);
}

/**
 * The same in a folder that everybody may write, such as /run/lock: anybody's process can take the lock, whoever made
 * the file, and a link that somebody put there is refused.
 */
export function trySharedLock(path: string, owner: string): LockAttempt {
  return lockOpened(openShared(path), owner, BRIEF_MS);
}

/** Takes a lock that others may have as well, who share it; whoever wants it alone finds it busy. */
export function tryShareLock(path: string, owner: string): LockAttempt {
  return lockOpened(Descriptor.open(path, OPEN.readWrite | OPEN.create, 0o644), owner, BRIEF_MS, "shared");
}

/** Locks a folder itself, or says at once that another has it; its lock has no owner's text. */
export function tryLockFolder(path: string): LockAttempt {
  return lockOpened(Descriptor.open(path, OPEN.readOnly | OPEN.folder), "", 0);
}

/** What a look at a lock finds: somebody has it, nobody has, or the errno of what keeps us from seeing that. */
export type LockLook =
  | { readonly kind: "held" | "free" }
  | { readonly kind: "hidden"; readonly errno: number };

/**
 * Whether somebody has a lock, seen without taking it: those who look share it, for some microseconds, and a taker tells them
 * from one who has it. /proc/locks would not do: it tells nothing of other machines on a network file system, nor of
 * processes in other pid namespaces.
 */
export function lookAtLock(path: string): LockLook {
  const file = Descriptor.open(path, OPEN.readOnly | OPEN.nonBlocking);
  if ("errno" in file) {
    return file.errno === ENOENT ? { kind: "free" } : { kind: "hidden", errno: file.errno };
  }
  using _ = file;
  const errno = file.lock("shared");
  if (errno === 0) return { kind: "free" };
  return errno === EWOULDBLOCK ? { kind: "held" } : { kind: "hidden", errno };
}

/**
 * Opening with O_CREAT what another user made is refused in sticky folders (fs.protected_regular of proc(5)), so a
 * file is either opened or created, never both at once.
 */
function openShared(path: string): Opened {
  const flags = OPEN.readWrite | OPEN.noFollow | OPEN.nonBlocking;
  for (;;) {
    const found = Descriptor.open(path, flags);
    if (!("errno" in found) || found.errno !== ENOENT) return found;
    const made = Descriptor.open(path, flags | OPEN.create | OPEN.exclusive, 0o666);
    if (!("errno" in made)) made.setMode(0o666);
    if (!("errno" in made) || made.errno !== EEXIST) return made;
  }
}

type Opened = Descriptor | { readonly errno: number };

type LockKind = "exclusive" | "shared";

function lockOpened(
  file: Opened,
  owner: string,
  patienceMs: number,
  kind: LockKind = "exclusive",
): LockAttempt {
  if ("errno" in file) return { kind: "refused", errno: file.errno };
  const errno = takePatiently(file, patienceMs, kind);
  if (errno !== 0) {
    using _ = file;
    return errno === EWOULDBLOCK ? { kind: "busy", owner: file.read().trim() } : { kind: "refused", errno };
  }
  const describe = (text: string): void => {
    if (text !== "") file.write(`${text}\n`);
  };
  describe(owner);
  return { kind: "held", lock: { describe, [Symbol.dispose]: () => file[Symbol.dispose]() } };
}

/** For so long somebody may hold a lock who only passes by. */
const BRIEF_MS = 50;
/** For so long a taker tries again while nobody holds it but those who look: each of them lets go within a millisecond. */
const LOOKS_MS = 2000;

/** 0, or the errno of the last try. */
function takePatiently(file: Descriptor, patienceMs: number, kind: LockKind): number {
  const beganMs = performance.now();
  for (;;) {
    const errno = file.lock(kind);
    const waitedMs = performance.now() - beganMs;
    if (errno !== EWOULDBLOCK || waitedMs >= (isOnlyLookedAt(file) ? LOOKS_MS : patienceMs)) return errno;
    // By chance, so that two who try do not keep meeting.
    stand(0.5 + 2 * Math.random());
  }
}

function isOnlyLookedAt(file: Descriptor): boolean {
  if (file.lock("shared") !== 0) return false;
  file.unlock();
  return true;
}

/** Locks are taken before anything runs: nothing waits for this thread meanwhile. */
function stand(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** The owner's text of a lock file; empty where it cannot be read. It does not tell whether the lock is held. */
export function readOwner(path: string): string {
  const file = Descriptor.open(path, OPEN.readOnly | OPEN.nonBlocking);
  if ("errno" in file) return "";
  using _ = file;
  return file.read().trim();
}
