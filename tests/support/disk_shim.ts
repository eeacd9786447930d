/** The disk that goes wrong at will: builds disk_shim.c and says how to start a program with it. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = join(dirname(fileURLToPath(import.meta.url)), "disk_shim.c");

/** errno(3) numbers of a disk in trouble. */
export const ERRNO = { EIO: 5, ENOSPC: 28, EROFS: 30, EDQUOT: 122 } as const;

/** What becomes of the calls on files below `root`; disk_shim.c says more. */
export interface DiskTrouble {
  /** An absolute folder, with all links followed. */
  readonly root?: string;
  readonly kill?: {
    readonly call: number;
    readonly phase: "before" | "half" | "after";
    /** Part of a path: only calls on such are counted. */
    readonly path?: string;
  };
  readonly fail?: {
    readonly ops: readonly string[];
    readonly errno: number;
    /** From which of the calls that match; 1 unless given. */
    readonly from?: number;
    /** Part of the path. */
    readonly path: string;
  };
  /** File for the trace, outside `root`. */
  readonly trace?: string;
  /** File with the seconds by which the wall clock is off. */
  readonly clock?: string;
}

let built: string | null = null;

/** The environment in which a program meets this disk. */
export function diskShim(trouble: DiskTrouble): Record<string, string> {
  built ??= build();
  const { root, kill, fail, trace, clock } = trouble;
  return {
    LD_PRELOAD: built,
    ...(root === undefined ? {} : { DISK_SHIM_ROOT: root }),
    ...(kill === undefined
      ? {}
      : { DISK_SHIM_KILL: [kill.call, kill.phase, ...kill.path === undefined ? [] : [kill.path]].join(":") }),
    ...(fail === undefined
      ? {}
      : { DISK_SHIM_FAIL: `${fail.ops.join(",")}:${fail.errno}:${fail.from ?? 1}:${fail.path}` }),
    ...(trace === undefined ? {} : { DISK_SHIM_TRACE: trace }),
    ...(clock === undefined ? {} : { DISK_SHIM_CLOCK: clock }),
  };
}

function build(): string {
  const folder = Deno.makeTempDirSync({ prefix: "llem-shim-" });
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const library = join(folder, "disk_shim.so");
  const { success, stderr } = new Deno.Command("cc", {
    args: ["-O1", "-Wall", "-Wextra", "-shared", "-fPIC", "-pthread", "-o", library, SOURCE],
  }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
  return library;
}

/** One call that changed the disk, or failed to. */
export interface DiskCall {
  readonly op:
    | "open"
    | "open_trunc"
    | "write"
    | "ftruncate"
    | "rename"
    | "link"
    | "unlink"
    | "mkdir"
    | "fsync"
    | "fdatasync";
  /** -1 where it failed. */
  readonly result: number;
  /** Where a write began; the new size of ftruncate. */
  readonly offset: number;
  readonly path: string;
  /** The new name of rename and link; empty for the rest. */
  readonly other: string;
  /** What a write has put down. */
  readonly bytes: Uint8Array;
}

/** Reads a trace. */
export function readTrace(path: string): DiskCall[] {
  const bytes = Deno.readFileSync(path);
  const calls: DiskCall[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(0x0a, at);
    const line = new TextDecoder().decode(bytes.subarray(at, end));
    const [op = "", result, offset, length, of = "", other = ""] = line.split("\t");
    at = end + 1 + Number(length);
    calls.push({
      op: op as DiskCall["op"],
      result: Number(result),
      offset: Number(offset),
      path: of,
      other,
      bytes: bytes.slice(end + 1, at),
    });
  }
  return calls;
}
