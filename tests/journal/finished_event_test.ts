import assert from "node:assert/strict";
import { finishedEvent } from "../../lib/journal/finished_event.ts";
import { encodeLine, LONGEST_LINE } from "../../lib/journal/journal_line.ts";
import { CRASHED, recordOf } from "../support/records.ts";

const END = { result_file: "runs/x/result.json", will_retry: false };

/** The codes that the journal keeps of warnings with these codes. */
function codesOf(codes: readonly string[]): readonly string[] {
  const warnings = codes.map((code) => ({ code, text: "as long as it likes" }));
  return finishedEvent(recordOf({ warnings }), END).warnings;
}

Deno.test("finishedEvent() keeps the first ten codes of warnings, each once", () => {
  const codes = Array.from({ length: 12 }, (_, index) => `code-${index}`);
  assert.deepEqual(codesOf([]), []);
  assert.deepEqual(codesOf(codes.slice(0, 9)), codes.slice(0, 9));
  assert.deepEqual(codesOf(codes.slice(0, 10)), codes.slice(0, 10));
  assert.deepEqual(codesOf(codes.slice(0, 11)), codes.slice(0, 10));
  assert.deepEqual(codesOf(codes), codes.slice(0, 10));
  // The same one again takes no place.
  assert.deepEqual(codesOf(["a", "a", "b", "a", ...codes]), ["a", "b", ...codes.slice(0, 8)]);
});

Deno.test("finishedEvent() cuts what an error says, and says where the result is", () => {
  const error = { type: "T".repeat(400), message: "m".repeat(400), traceback: null, retryable: null };
  const event = finishedEvent(recordOf({ outcome: { ...CRASHED, error } }), { ...END, will_retry: true });
  assert.deepEqual([event.error_type, event.error_message], ["T".repeat(300), "m".repeat(300)]);
  assert.deepEqual([event.result_file, event.will_retry], [END.result_file, true]);
  const none = finishedEvent(recordOf(), END);
  assert.deepEqual([none.error_type, none.error_message], [null, null]);
});

Deno.test("finishedEvent() of any record makes a line that the journal takes", () => {
  const odd = "\u0001\ud800".repeat(200_000);
  const error = { type: odd, message: odd, traceback: odd, retryable: null };
  const warnings = Array.from({ length: 100 }, (_, index) => ({ code: `${index}${odd}`, text: odd }));
  const record = recordOf({ outcome: { ...CRASHED, error }, warnings });
  const line = encodeLine(finishedEvent(record, END), "2026-01-01T00:00:00.000Z");
  assert.ok(line.length <= LONGEST_LINE);
});
