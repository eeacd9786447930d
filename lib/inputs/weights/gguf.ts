const MAGIC = "GGUF";

/** True for a file that begins as GGUF files do. */
export function isGguf(path: string): boolean {
  try {
    // A pipe would wait for somebody to write into it.
    if (!Deno.statSync(path).isFile) return false;
    using file = Deno.openSync(path);
    const head = new Uint8Array(MAGIC.length);
    return file.readSync(head) === MAGIC.length && new TextDecoder().decode(head) === MAGIC;
  } catch {
    return false;
  }
}
