import assert from "node:assert/strict";
import { LiveBlock } from "../../../lib/cli/terminal/live_block.ts";

/** A terminal, as far as these sequences go: what stands on its lines, the last of which is the bottom. */
class Terminal {
  readonly #width: number;
  #rows: string[] = [""];
  #row = 0;
  #column = 0;

  constructor(width: number) {
    this.#width = width;
  }

  get shown(): string[] {
    return this.#rows.map((row) => row.trimEnd());
  }

  write(text: string): void {
    // deno-lint-ignore no-control-regex -- control sequences are what a terminal reads
    for (const [part] of text.matchAll(/\x1b\[\d*[A-Z]|[^\x1b]/g)) this.#take(part);
  }

  #take(part: string): void {
    const row = this.#rows[this.#row] ?? "";
    if (part === "\r") this.#column = 0;
    else if (part === "\n") this.#down();
    else if (part === "\x1b[K") this.#rows[this.#row] = row.slice(0, this.#column);
    else if (part === "\x1b[2K") this.#rows[this.#row] = "";
    else if (part === "\x1b[J") {
      this.#rows[this.#row] = row.slice(0, this.#column);
      this.#rows.length = this.#row + 1;
    } else if (part.endsWith("A")) this.#row = Math.max(0, this.#row - Number(part.slice(2, -1)));
    else {
      if (this.#column === this.#width) this.#down();
      const now = this.#rows[this.#row] ?? "";
      this.#rows[this.#row] = now.padEnd(this.#column).slice(0, this.#column) + part +
        now.slice(this.#column + 1);
      this.#column += 1;
    }
  }

  #down(): void {
    this.#row += 1;
    this.#column = 0;
    if (this.#row === this.#rows.length) this.#rows.push("");
  }
}

Deno.test("LiveBlock draws one line as ever", () => {
  const block = new LiveBlock();
  assert.equal(block.clear(80), "");
  assert.equal(block.draw(["one"], 80), "\r\x1b[2Kone");
  assert.equal(block.draw(["two"], 80), "\r\x1b[2Ktwo");
  assert.equal(block.draw([], 80), "\r\x1b[2K");
  assert.equal(block.isDrawn, false);
});

Deno.test("LiveBlock draws several lines over each other, more and fewer of them, and takes them away", () => {
  const [terminal, block] = [new Terminal(20), new LiveBlock()];
  terminal.write("before\n");
  for (
    const lines of [["a"], ["aaa", "bbb", "ccc"], ["a", "b", "c"], ["a", "b"], ["long a", "b", "c", "d"], [
      "a",
    ], [
      "a",
      "b",
    ]]
  ) {
    terminal.write(block.draw(lines, 20));
    assert.deepEqual(terminal.shown, ["before", ...lines], lines.join());
  }
  terminal.write(`${block.clear(20)}a line\n`);
  terminal.write(block.draw(["x", "y"], 20));
  assert.deepEqual(terminal.shown, ["before", "a line", "x", "y"]);
  // Nothing is blanked before it is written over.
  assert.ok(!block.draw(["x", "z"], 20).includes("\x1b[2K"));
});

Deno.test("LiveBlock finds its first line on a terminal that has become narrower and wrapped the others", () => {
  const block = new LiveBlock();
  const lines = ["123456789", "abcdefghi"];
  block.draw(lines, 20);
  // As it wraps them.
  const narrow = new Terminal(5);
  narrow.write(`before\n${lines.join("\n")}`);
  narrow.write(block.draw(["1", "2"], 5));
  assert.deepEqual(narrow.shown, ["befor", "e", "1", "2"]);
});
