import assert from "node:assert/strict";
import { readLine } from "../../worker/read_line.ts";

/** A source that gives the chunks one after the other. */
function sourceOf(...chunks: readonly string[]): { read(into: Uint8Array): Promise<number | null> } {
  const waiting = chunks.map((chunk) => new TextEncoder().encode(chunk));
  return {
    read(into) {
      const next = waiting.shift();
      if (next !== undefined) into.set(next);
      return Promise.resolve(next?.length ?? null);
    },
  };
}

Deno.test("readLine() joins pieces up to the line feed and drops the rest", async () => {
  assert.equal(await readLine(sourceOf("ab", "", "cd\nef"), 100), "abcd");
  assert.equal(await readLine(sourceOf("\n"), 100), "");
});

Deno.test("readLine() gives null where the stream ends before the line", async () => {
  assert.equal(await readLine(sourceOf("abc"), 100), null);
  assert.equal(await readLine(sourceOf(), 100), null);
});

Deno.test("readLine() refuses a line over the limit, before it is complete", async () => {
  await assert.rejects(readLine(sourceOf("12345", "67890"), 8), /longer than 8 bytes/);
});

Deno.test("readLine() refuses bytes that are not UTF-8", async () => {
  const bytes = { read: (into: Uint8Array) => Promise.resolve((into.set([0xff, 0x0a]), 2)) };
  await assert.rejects(readLine(bytes, 100), TypeError);
});
