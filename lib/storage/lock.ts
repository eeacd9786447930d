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

/** Takes the lock or says at once who has it. */
export function tryLock(path: string, owner: string): LockAttempt {
  return lockOpened(Descriptor.open(path, OPEN.readWrite | OPEN.create, 0o644), owner);
}

/**
 * The same in a folder that everybody may write, such as /run/lock: anybody's process can take the lock, whoever made
 * the file, and a link that somebody put there is refused.
 */
export function trySharedLock(path: string, owner: string): LockAttempt {
  return lockOpened(openShared(path), owner);
}

/** Locks a folder itself; its lock has no owner's text. */
export function tryLockFolder(path: string): LockAttempt {
  return lockOpened(Descriptor.open(path, OPEN.readOnly | OPEN.folder), "");
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

function lockOpened(file: Opened, owner: string): LockAttempt {
  if ("errno" in file) return { kind: "refused", errno: file.errno };
  const errno = file.lock();
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

/** The owner's text of a lock file; empty where it cannot be read. It does not tell whether the lock is held. */
export function readOwner(path: string): string {
  const file = Descriptor.open(path, OPEN.readOnly | OPEN.nonBlocking);
  if ("errno" in file) return "";
  using _ = file;
  return file.read().trim();
}
