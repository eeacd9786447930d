import { readProcFile } from "../../../../lib/base/proc_file.ts";

/** Files and sockets of this process. */
export interface FileFacts {
  /** RLIMIT_NOFILE; null for no limit. */
  readonly soft_limit: number | null;
  readonly hard_limit: number | null;
  readonly open: number;
}

/** Null where the system does not tell. */
export function fileFacts(): FileFacts | null {
  const limits = parseFileLimits(readProcFile("/proc/self/limits") ?? "");
  if (limits === null) return null;
  try {
    return { ...limits, open: [...Deno.readDirSync("/proc/self/fd")].length };
  } catch {
    return null;
  }
}

/** The line "Max open files" of /proc/PID/limits; null where there is none. */
export function parseFileLimits(text: string): Pick<FileFacts, "soft_limit" | "hard_limit"> | null {
  const [, soft, hard] = /^Max open files\s+(\d+|unlimited)\s+(\d+|unlimited)/m.exec(text) ?? [];
  if (soft === undefined || hard === undefined) return null;
  const toLimit = (word: string): number | null => word === "unlimited" ? null : Number(word);
  return { soft_limit: toLimit(soft), hard_limit: toLimit(hard) };
}

/** Files that a client has open besides its connections: libraries, pipes, logs, what a request opens for a moment. */
const RESERVE = 64;

/** How many of `wanted` connections the limits on files and ports leave no room for; 0 where all can be opened. */
export function missingConnections(
  wanted: number,
  files: FileFacts | null,
  ports: { readonly free: number } | null,
): number {
  const byFiles = files === null || files.soft_limit === null
    ? Infinity
    : Math.max(0, files.soft_limit - files.open - RESERVE);
  return Math.max(0, wanted - Math.min(byFiles, ports?.free ?? Infinity));
}
