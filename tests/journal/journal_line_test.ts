import assert from "node:assert/strict";
import { sha256Hex } from "../../lib/base/canonical_json.ts";
import type { JournalEvent } from "../../lib/journal/event.ts";
import { decodeLine, encodeLine, JOURNAL_VERSION } from "../../lib/journal/journal_line.ts";
import { closed, finished, opened, started } from "../support/events.ts";
import { configOf, planOf } from "../support/plans.ts";
import { Random } from "../support/random.ts";

const plan = planOf([configOf()]);
const [run] = plan.runs;
if (run === undefined) throw new Error("The plan is empty");
const AT = "2026-01-02T03:04:05.678Z";

const events: readonly JournalEvent[] = [
  opened(plan),
  opened({ ...plan, name: null }, "study_resumed"),
  started(run),
  { ...started(run), worker: null },
  finished(run),
  { ...finished(run, "failed"), error_message: 'x,"check":"12345678"}\n\u2028\ud800 \ud83d\ude00' },
  { ...finished(run, "lost"), flags: ["leaked", "result_present"], warnings: ["a", "b"] },
  closed("interrupted"),
];

/** A line with a valid check value, whatever stands in it. */
function checked(body: string): string {
  return `${body},"check":"${sha256Hex(body).slice(0, 8)}"}`;
}

for (const [index, event] of events.entries()) {
  Deno.test(`encodeLine() and decodeLine() agree on ${event.type} (${index})`, () => {
    const line = encodeLine(event, AT);
    assert.equal(line.indexOf("\n"), line.length - 1);
    assert.deepEqual(decodeLine(line.slice(0, -1)), { kind: "event", event: { ...event, at: AT } });
    // Any JSON tool reads it, too.
    const { v, at, type } = JSON.parse(line);
    assert.deepEqual([v, at, type], [JOURNAL_VERSION, AT, event.type]);
  });
}

Deno.test("encodeLine() stays small enough for one write", () => {
  assert.ok(encodeLine({ ...finished(run, "failed"), error_message: "x".repeat(300) }, AT).length < 4096);
});

Deno.test("decodeLine() takes any change of a line for damage", () => {
  const line = encodeLine(finished(run), AT).slice(0, -1);
  for (let at = 0; at < line.length; at++) {
    const changed = `${line.slice(0, at)}${line[at] === "x" ? "y" : "x"}${line.slice(at + 1)}`;
    assert.equal(decodeLine(changed).kind, "damaged", changed);
    assert.equal(decodeLine(line.slice(0, at) + line.slice(at + 1)).kind, "damaged");
    assert.equal(decodeLine(line.slice(0, at)).kind, "damaged");
  }
  for (const text of ["", "{}", "null", "text", `${line} `, ` ${line}`, `${line}${line}`, `${line}\r`]) {
    assert.equal(decodeLine(text).kind, "damaged", text);
  }
});

Deno.test("decodeLine() survives any text", () => {
  const random = new Random(7);
  const line = encodeLine(finished(run), AT).slice(0, -1);
  for (let round = 0; round < 2000; round++) {
    const at = random.integer(0, line.length);
    const text = line.slice(0, at) + String.fromCharCode(...random.bytes(random.integer(0, 5)));
    decodeLine(text + line.slice(random.integer(0, line.length)));
  }
});

Deno.test("decodeLine() names a version that is not its own", () => {
  assert.deepEqual(decodeLine(checked('{"v":2,"at":"x","type":"new"')), { kind: "newer", version: 2 });
  assert.deepEqual(decodeLine('{"v":3,"anything":"else"}'), { kind: "newer", version: 3 });
  assert.equal(decodeLine(checked('{"v":0,"at":"x","type":"old"')).kind, "damaged");
  assert.equal(decodeLine(checked('{"v":1,"at":"x","type":"run_started"')).kind, "event");
});
