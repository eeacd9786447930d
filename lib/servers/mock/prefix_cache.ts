/** Tokens of a block: prefixes are found again in whole blocks, as in paged key-value caches. */
const BLOCK = 16;
/** With more blocks the oldest are forgotten. */
const MOST_BLOCKS = 200_000;

/** Remembers which prompts the server has seen, block by block. */
export class PrefixCache {
  readonly #blocks = new Set<string>();
  /** Tokens that were looked up, and those of them that were found; both grow until the server ends. */
  queries = 0;
  hits = 0;

  /** How many of a prompt's first tokens are known; it is known as a whole afterwards. Its last token never counts. */
  look(ids: readonly number[]): number {
    let cached = 0;
    let isKnown = true;
    let hash = "";
    for (let start = 0; start + BLOCK <= ids.length; start += BLOCK) {
      hash = chained(hash, ids, start);
      isKnown &&= this.#blocks.has(hash) && start + BLOCK < ids.length;
      if (isKnown) cached += BLOCK;
      else this.#blocks.add(hash);
    }
    this.#forget();
    this.queries += ids.length;
    this.hits += cached;
    return cached;
  }

  reset(): void {
    this.#blocks.clear();
  }

  /** Share of the room that is used. */
  get usage(): number {
    return this.#blocks.size / MOST_BLOCKS;
  }

  #forget(): void {
    for (const oldest of this.#blocks) {
      if (this.#blocks.size <= MOST_BLOCKS) return;
      this.#blocks.delete(oldest);
    }
  }
}

/** Two 32-bit hashes of a block and all before it. */
function chained(before: string, ids: readonly number[], start: number): string {
  let [one, other] = before === "" ? [17, 31] : before.split(",").map(Number) as [number, number];
  for (let at = start; at < start + BLOCK; at += 1) {
    const id = ids[at] ?? 0;
    one = Math.imul(one ^ id, 16_777_619) >>> 0;
    other = Math.imul(other + id, 0x9e3779b1) >>> 0;
    other = (other ^ other >>> 15) >>> 0;
  }
  return `${one},${other}`;
}
