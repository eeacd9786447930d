import assert from "node:assert/strict";
import type { JsonObject } from "../../lib/base/json.ts";
import {
  MAX_DEPTH,
  MAX_PHASE_NAMES_CHARS,
  MAX_PHASES,
  MAX_RECORD_BYTES,
  MAX_REMARK_CHARS,
  MAX_VALUES,
  MAX_WARNINGS,
} from "../../lib/protocol/bounds.ts";
import { recordFile } from "../../lib/results/record_file.ts";
import { measurementOf, recordOf } from "../support/records.ts";

const decoder = new TextDecoder();

Deno.test("recordFile() is the record, indented but for what the worker measured", () => {
  const measurement = measurementOf({
    output_tokens: 5,
    metrics: { a: [1, { b: null }], text: "line\nbreak" },
  });
  for (const record of [recordOf(), recordOf({ measurement }), recordOf({ measurement: null })]) {
    const text = decoder.decode(recordFile(record));
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(record)));
    assert.ok(text.startsWith('{\n "schema": "llem.result/1",\n "run": {\n  "run_id": "'));
    assert.ok(text.endsWith("\n}\n"));
  }
  const text = decoder.decode(recordFile(recordOf({ measurement })));
  assert.match(text, /^ {2}"metrics": \{"a":\[1,\{"b":null\}\],"text":"line\\nbreak"\},?$/m);
});

Deno.test("recordFile() of the largest record that the bounds let in is below its own, and quick", () => {
  // A control character takes six bytes, a byte that is no UTF-8 three.
  const name = "\u0001".repeat(MAX_PHASE_NAMES_CHARS / MAX_PHASES);
  const time = 2n ** 64n - 1n;
  const phases = Array.from({ length: MAX_PHASES }, () => ({ name, begin_ns: time, end_ns: time }));
  const warnings = Array.from({ length: MAX_WARNINGS }, (_, index) => ({
    code: String(index),
    text: "\u0001".repeat(MAX_REMARK_CHARS),
  }));
  let deep: JsonObject = { list: new Array(MAX_VALUES).fill(1e20) };
  for (let level = 3; level < MAX_DEPTH; level++) deep = { deep };
  const measurement = measurementOf({ metrics: { deep, text: "\ufffd".repeat(7 * 1024 * 1024) } });
  const beganMs = performance.now();
  const bytes = recordFile(recordOf({ phases, warnings, measurement }));
  assert.ok(bytes.length > 25 * 1024 * 1024 && bytes.length < MAX_RECORD_BYTES, String(bytes.length));
  assert.ok(performance.now() - beganMs < 10_000);
  // Whatever the number of phases, they take a few lines.
  const { phases: told } = JSON.parse(decoder.decode(bytes));
  assert.deepEqual([told.length, told[0].windows], [1, MAX_PHASES]);
});
