/** Raw answers of a run, one after the other in a file of the run's folder, bounded. */

/** What was kept. */
export interface RawKept {
  readonly bytes: number;
  /** Answers that are not in the file. */
  readonly left_out: number;
}

const encoder = new TextEncoder();

/** Each answer stands behind a line `# t_ns=... path=...`. */
export class RawFile implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #maxBytes: number;
  readonly #seen = new Set<string>();
  #bytes = 0;
  #leftOut = 0;

  /** Creates the file. Throws where that fails. */
  constructor(path: string, maxBytes: number) {
    this.#file = Deno.openSync(path, { write: true, create: true, truncate: true });
    this.#maxBytes = maxBytes;
  }

  /**
   * Keeps an answer; the comments of an exposition (its help) only of the first of each path. A disk that fails costs
   * the answer, nothing else.
   */
  async keep(t_ns: bigint, path: string, text: string): Promise<void> {
    const told = this.#seen.has(path) ? text.replace(/^#.*\n/gm, "") : text;
    const bytes = encoder.encode(`# t_ns=${t_ns} path=${path}\n${told}${told.endsWith("\n") ? "" : "\n"}`);
    if (this.#bytes + bytes.length > this.#maxBytes) {
      this.#leftOut++;
      return;
    }
    this.#seen.add(path);
    this.#bytes += bytes.length;
    try {
      for (let written = 0; written < bytes.length;) {
        written += await this.#file.write(bytes.subarray(written));
      }
    } catch {
      this.#leftOut++;
    }
  }

  get kept(): RawKept {
    return { bytes: this.#bytes, left_out: this.#leftOut };
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
