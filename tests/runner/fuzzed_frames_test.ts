/** The gate between a worker and the runner, tried with bytes that nobody thought of (tests/faults/gate_test.ts: with processes). */
import assert from "node:assert/strict";
import { finishedEvent } from "../../lib/journal/finished_event.ts";
import { encodeLine, LONGEST_LINE } from "../../lib/journal/journal_line.ts";
import { parseJournal } from "../../lib/journal/journal.ts";
import {
  MAX_FRAME_BYTES,
  MAX_NAME_CHARS,
  MAX_RECORD_BYTES,
  MAX_WARNINGS,
} from "../../lib/protocol/bounds.ts";
import { headline } from "../../lib/results/headline.ts";
import { makeRecord, type ResultRecord } from "../../lib/results/record.ts";
import { recordFile } from "../../lib/results/record_file.ts";
import { HiddenTexts } from "../../lib/experiment/hidden_texts.ts";
import { AttemptView } from "../../lib/runner/attempt_view.ts";
import { requestLine } from "../../lib/runner/assignment_of.ts";
import { OtherClock } from "../../lib/runner/other_clock.ts";
import { fuzzedBytes, fuzzing, TOKEN_PLACE } from "../support/fuzzed_frames.ts";
import { COMPLETED, factsOf } from "../support/records.ts";
import { Random } from "../support/random.ts";

/** A limit may be late by 0.25 s; what other processes take of this one's time comes on top. */
const LONGEST_STEP_MS = 250;

/** The record of an attempt that said these bytes, and the longest stretch in which no timer had its turn. */
function heard(bytes: Uint8Array, random: Random): { record: ResultRecord; longestMs: number } {
  const view = new AttemptView(
    TOKEN_PLACE,
    {
      log: (text) => assert.ok(text.length <= MAX_FRAME_BYTES),
      request: (frame) => JSON.parse(requestLine(frame)),
      frame: () => void view.phases.current,
    },
    new OtherClock(() => 2_000_000_000_000_000n),
    undefined,
    new HiddenTexts(["\u{1f600}secret"]),
    { ttft_ms: 2, tpot_ms: 1, itl_ms: 3, e2e_ms: 9, share: 0.5 },
  );
  let longestMs = 0;
  const timed = (action: () => void): void => {
    const before = performance.now();
    action();
    longestMs = Math.max(longestMs, performance.now() - before);
  };
  for (let at = 0; at < bytes.length;) {
    const size = random.pick([1, 7, 4096, 65_536, 65_536]);
    const steps = view.steps(bytes.slice(at, at + size));
    for (let isDone = false; !isDone;) timed(() => isDone = steps.next().done === true);
    at += size;
  }
  timed(() => view.end());
  const outcome = view.error === null ? COMPLETED : {
    ...COMPLETED,
    kind: "failed" as const,
    error: {
      type: view.error.error_type,
      message: view.error.message,
      traceback: view.error.traceback ?? null,
      retryable: null,
    },
  };
  const { hello, measurement, samples, warnings, requests: { counts, slo } } = view;
  const worker = hello && {
    backend: hello.backend,
    versions: hello.versions,
    devices: hello.devices,
    pid: hello.pid,
  };
  const record = makeRecord(
    factsOf({
      outcome,
      worker,
      measurement,
      samples,
      requests: counts,
      slo,
      phases: view.phases.phases,
      warnings,
    }),
  );
  return { record, longestMs };
}

Deno.test("fault 48: whatever a worker sends is taken in without a long wait, and makes files that are read back", () => {
  const { seed, seconds } = fuzzing("the runner's side", 1.5, 60);
  const endMs = performance.now() + seconds * 1000;
  let rounds = 0;
  let slow = 0;
  for (; performance.now() < endMs; rounds++) {
    const random = new Random(seed + rounds);
    const bytes = fuzzedBytes(random);
    const told = `LLEM_FUZZ_SEED=${seed + rounds}`;
    const { record, longestMs } = heard(bytes, random);
    // Twice in a row is no accident of a busy machine.
    if (longestMs > LONGEST_STEP_MS) {
      slow += 1;
      const again = heard(bytes, random).longestMs;
      assert.ok(again <= LONGEST_STEP_MS, `${told}: ${longestMs} and ${again} ms`);
    }
    const file = recordFile(record);
    assert.ok(file.length <= MAX_RECORD_BYTES, told);
    const back = JSON.parse(new TextDecoder().decode(file));
    assert.equal(back.schema, record.schema, told);
    assert.deepEqual(
      JSON.parse(JSON.stringify(back.measurement)),
      JSON.parse(JSON.stringify(record.measurement)),
    );
    assert.ok(record.warnings.length <= MAX_WARNINGS + 5, told);
    const line = encodeLine(finishedEvent(record, { result_file: "r", will_retry: false }), "now");
    assert.ok(line.length <= LONGEST_LINE, told);
    assert.equal(parseJournal(new TextEncoder().encode(line)).events.length, 1, told);
    for (const [name, value] of Object.entries(headline(back))) {
      assert.ok(
        name.length <= MAX_NAME_CHARS && (value === null || Number.isFinite(value)),
        `${told}: ${name}`,
      );
    }
  }
  console.log(`${rounds} rounds, ${slow} of them slow at first`);
});
