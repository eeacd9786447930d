import { libc } from "./libc.ts";

/** USER_HZ: what /proc counts CPU time in, on every architecture that we run on. */
export const TICKS_PER_S = 100;

const O_CLOEXEC = 0o2000000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();
/** /proc/PID/task/TID/children of a process with many children is the longest that is read so. */
const piece = new Uint8Array(4096);
const pathBytes = new Uint8Array(256);

/**
 * The text of a short file of /proc or /sys, null where it cannot be read: 10 us in place of 25, for what is read of every
 * thread of a process. ASCII only.
 */
export function readProcFile(path: string): string | null {
  const { written } = encoder.encodeInto(path, pathBytes.subarray(0, -1));
  pathBytes[written] = 0;
  const { open, pread, close } = libc();
  const fd = open(pathBytes, O_CLOEXEC, 0);
  if (fd < 0) return null;
  try {
    let text = "";
    // Less than was asked for is not the end: the kernel hands such a file out page by page.
    while (true) {
      const count = Number(pread(fd, piece, BigInt(piece.length), BigInt(text.length)));
      if (count < 0) return null;
      if (count === 0) return text;
      text += decoder.decode(piece.subarray(0, count));
    }
  } finally {
    close(fd);
  }
}
