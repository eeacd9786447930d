/** flock(2) on a file, held for as long as the descriptor is open: SIGKILL frees it at once, a stale file never holds it. */
const LOCK_EX = 2;
const LOCK_NB = 4;
const O_RDWR = 2;
const O_CREAT = 0o100;
const O_CLOEXEC = 0o2000000;
const EWOULDBLOCK = 11;

const symbols = {
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

let opened: Deno.DynamicLibrary<typeof symbols> | null = null;

/** A lock that is ours, the owner's text of a lock that is not, or the errno of a file system that refuses. */
export type LockAttempt =
  | { readonly kind: "held"; readonly lock: Disposable }
  | { readonly kind: "busy"; readonly owner: string }
  | { readonly kind: "refused"; readonly errno: number };

/** Takes the lock or says at once who has it. `owner` is written into the file as information only. */
export function tryLock(path: string, owner: string): LockAttempt {
  opened ??= Deno.dlopen("libc.so.6", symbols);
  const libc = opened.symbols;
  const fail = (): LockAttempt => {
    const pointer = libc.__errno_location();
    return { kind: "refused", errno: pointer === null ? 0 : new Deno.UnsafePointerView(pointer).getInt32() };
  };
  const fd = libc.open(new TextEncoder().encode(`${path}\0`), O_RDWR | O_CREAT | O_CLOEXEC, 0o644);
  if (fd < 0) return fail();
  if (libc.flock(fd, LOCK_EX | LOCK_NB) !== 0) {
    const failure = fail();
    libc.close(fd);
    const busy = failure.kind === "refused" && failure.errno === EWOULDBLOCK;
    return busy ? { kind: "busy", owner: readOwner(path) } : failure;
  }
  writeOwner(path, owner);
  return { kind: "held", lock: { [Symbol.dispose]: () => void libc.close(fd) } };
}

function writeOwner(path: string, owner: string): void {
  try {
    Deno.writeTextFileSync(path, `${owner}\n`);
  } catch {
    // A full disk, say: the lock is ours all the same.
  }
}

/** The owner's text of a lock file; empty where it cannot be read. It does not tell whether the lock is held. */
export function readOwner(path: string): string {
  try {
    return Deno.readTextFileSync(path).trim();
  } catch {
    return "";
  }
}
