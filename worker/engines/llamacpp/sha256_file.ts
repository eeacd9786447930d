import { createHash } from "node:crypto";

const CHUNK_BYTES = 1024 * 1024;

/** Lower-case hex SHA-256 of a file, read in pieces: hashing 20 MB must not cost 20 MB of memory. */
export function sha256File(path: string): string {
  const hash = createHash("sha256");
  const chunk = new Uint8Array(CHUNK_BYTES);
  using file = Deno.openSync(path);
  for (let size = file.readSync(chunk); size !== null; size = file.readSync(chunk)) {
    hash.update(chunk.subarray(0, size));
  }
  return hash.digest("hex");
}
