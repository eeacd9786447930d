/** Keeps every text that people read in one file, so that a change of words is seen as such. */
import assert from "node:assert/strict";
import { renderMessages, SNAPSHOT } from "./snapshot.ts";

const { text, missing } = await renderMessages();

Deno.test("every function of a messages.ts or messages.py has sample values in tests/messages", () => {
  assert.deepEqual(missing, []);
});

Deno.test("the texts for people are those of tests/fixtures/messages.txt (deno task messages rewrites it)", () => {
  assert.equal(text, Deno.readTextFileSync(SNAPSHOT));
});
