/**
 * The calls of libc that Deno does not offer. Opened on first use, so that `--version` does not pay for it; every symbol
 * is resolved once.
 * Sources: kill(2), signal(2), prctl(2), waitpid(2), fcntl(2), open(2), flock(2), fchmod(2), pread(2), pwrite(2),
 * ftruncate(2), close(2), send(2), connect(2), getpeername(2), clock_gettime(2), syslog(2) for klogctl,
 * getrlimit(2), setrlimit(2), sched_setaffinity(2), syscall(2), gnu_get_libc_version(3), errno(3).
 */
const symbols = {
  kill: { parameters: ["i32", "i32"], result: "i32" },
  signal: { parameters: ["i32", "pointer"], result: "pointer" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  fchmod: { parameters: ["i32", "u32"], result: "i32" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  klogctl: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  sched_getaffinity: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  sched_setaffinity: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  // Variadic in C; on x86-64 and arm64 Linux integer arguments travel as for a fixed signature.
  syscall: { parameters: ["i64", "i64", "u64", "u64", "u64", "u64"], result: "i64" },
  gnu_get_libc_version: { parameters: [], result: "pointer" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

type Libc = Deno.DynamicLibrary<typeof symbols>["symbols"];

/** The calls, and where errno of this thread lives. */
interface Opened {
  readonly calls: Libc;
  readonly errno: Deno.UnsafePointerView;
}

let opened: Opened | null = null;

/** The calls; the first time opens the library. */
export function libc(): Libc {
  return open().calls;
}

/**
 * errno of the call made last, to be read right after it. Reading it is a load from memory, so that no other call of libc
 * lies between the two. Each thread has an errno of its own, and a Web Worker its own copy of this module.
 */
export function errno(): number {
  return open().errno.getInt32();
}

/** The version of the GNU C library in this process, such as `2.36`; null where it says none. */
export function gnuLibcVersion(): string | null {
  const pointer = libc().gnu_get_libc_version();
  return pointer === null ? null : new Deno.UnsafePointerView(pointer).getCString();
}

function open(): Opened {
  if (opened !== null) return opened;
  const calls = Deno.dlopen("libc.so.6", symbols).symbols;
  const pointer = calls.__errno_location();
  if (pointer === null) throw new Error("__errno_location() has no answer");
  opened = { calls, errno: new Deno.UnsafePointerView(pointer) };
  return opened;
}

export const EPERM = 1;
export const ESRCH = 3;
