/**
 * The few calls of libc that Deno does not offer. Opened on first use; symbols are resolved once.
 * Sources: kill(2), signal(2), prctl(2), waitpid(2), fcntl(2), getpid(2), errno(3).
 */
const symbols = {
  kill: { parameters: ["i32", "i32"], result: "i32" },
  signal: { parameters: ["i32", "pointer"], result: "pointer" },
  prctl: { parameters: ["i32", "usize", "usize", "usize", "usize"], result: "i32" },
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" },
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  __errno_location: { parameters: [], result: "pointer" },
} as const;

let opened: Deno.DynamicLibrary<typeof symbols> | null = null;

export function libc(): Deno.DynamicLibrary<typeof symbols>["symbols"] {
  opened ??= Deno.dlopen("libc.so.6", symbols);
  return opened.symbols;
}

/** errno of the last call on this thread; read it right after the call. */
export function errno(): number {
  const pointer = libc().__errno_location();
  return pointer === null ? 0 : new Deno.UnsafePointerView(pointer).getInt32();
}

export const ESRCH = 3;
