const CLEAR_LINE = "\r\x1b[2K";

/**
 * Lines at the bottom of a terminal that are drawn again and again. A single one is drawn as ever; several are written over
 * each other in place, so that nothing flickers.
 */
export class LiveBlock {
  /** What stands there, with the cursor behind its last line. */
  #drawn: readonly string[] = [];

  get isDrawn(): boolean {
    return this.#drawn.length > 0;
  }

  /** What draws these lines over those that stand there, on a terminal so wide by now. */
  draw(lines: readonly string[], width: number): string {
    const before = this.#rows(width);
    const top = this.#top(width);
    const isSingle = lines.length < 2 && this.#drawn.length < 2;
    this.#drawn = lines;
    const [only = ""] = lines;
    if (isSingle) return `${top}${only}`;
    const rest = lines.length < before ? "\x1b[J" : "";
    return `${top}${lines.map((line) => `${line}\x1b[K`).join("\n")}${rest}`;
  }

  /** What takes them away. */
  clear(width: number): string {
    if (!this.isDrawn) return "";
    const top = this.#top(width);
    const isSingle = this.#drawn.length === 1;
    this.#drawn = [];
    return isSingle ? top : `${top}\x1b[J`;
  }

  /** To the beginning of the first line. */
  #top(width: number): string {
    return this.#drawn.length < 2 ? CLEAR_LINE : `\r\x1b[${this.#rows(width) - 1}A`;
  }

  /** Lines of the terminal that stand there: one that has become narrower has wrapped them. */
  #rows(width: number): number {
    return this.#drawn.reduce(
      (sum, { length }) => sum + Math.max(1, Math.ceil(length / Math.max(1, width))),
      0,
    );
  }
}
